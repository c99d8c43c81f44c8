// How figures are printed: a table in plain text.

export interface Row {
  readonly what: string;
  readonly ours: string;
  readonly bare: string;
  readonly ratio: string;
  readonly budget: string;
}

const HEAD: Row = { what: '', ours: 'ours', bare: 'bare Bun', ratio: 'ratio', budget: 'budget' };

export function printTable(title: string, rows: readonly Row[]): void {
  const all = [HEAD, ...rows];
  const width = (column: keyof Row): number => Math.max(...all.map((row) => row[column].length));
  console.log(`\n${title}`);
  for (const row of all) {
    const cells = [
      row.what.padEnd(width('what')),
      row.ours.padStart(width('ours')),
      row.bare.padStart(width('bare')),
      row.ratio.padStart(width('ratio')),
      row.budget.padStart(width('budget')),
    ];
    console.log(cells.join('   ').trimEnd());
  }
}

/** A row that compares two figures; `budget` says what ours should be. */
export function compare(
  what: string,
  ours: number,
  bare: number | undefined,
  show: (value: number) => string,
  budget?: { readonly text: string; readonly isKept: boolean },
): Row {
  return {
    what,
    ours: show(ours),
    bare: bare === undefined ? '–' : show(bare),
    ratio: bare === undefined || bare === 0 ? '' : (ours / bare).toFixed(1),
    budget: budget ? `${budget.text} ${budget.isKept ? 'kept' : 'MISSED'}` : '',
  };
}

export const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KB`;
export const microseconds = (seconds: number): string => `${(seconds * 1e6).toFixed(1)} µs`;
export const perSecond = (count: number): string => `${Math.round(count).toLocaleString('en')} /s`;
export const milliseconds = (value: number): string => `${value.toFixed(0)} ms`;

/** How figures spread; `budget` is what the 99th of a hundred should be at most. */
export function printQuantiles(
  title: string,
  rows: readonly {
    readonly what: string;
    readonly figures: readonly number[];
    readonly show: (value: number) => string;
    readonly budget?: number;
  }[],
): void {
  const width = Math.max(...rows.map(({ what }) => what.length));
  console.log(`\n${title}`);
  console.log(
    ['', 'p50', 'p90', 'p99', 'worst'].map((head, at) => (at === 0 ? head.padEnd(width) : head.padStart(9))).join(''),
  );
  for (const { what, figures, show, budget } of rows) {
    const sorted = figures.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
    const cells = [0.5, 0.9, 0.99, 1].map((share) => show(at(share)).padStart(9));
    const verdict = budget === undefined ? '' : `   p99 ≤ ${show(budget)} ${at(0.99) <= budget ? 'kept' : 'MISSED'}`;
    console.log(what.padEnd(width) + cells.join('') + verdict);
  }
}
