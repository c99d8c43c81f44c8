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
