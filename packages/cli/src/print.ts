/** Results as people read them: a table for a list, lines for one thing, JSON for programs. */
const CELL_LENGTH_MAX = 40;
const COLUMNS_MAX = 8;

export function show(result: unknown, asJson: boolean): string {
  if (result === undefined) return asJson ? 'null' : 'Done.';
  if (asJson) return JSON.stringify(result, undefined, 2);
  const { items } = result as { items?: unknown };
  if (Array.isArray(items)) return table(items as Record<string, unknown>[]);
  return Object.entries(result as object)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('\n');
}

function table(rows: readonly Record<string, unknown>[]): string {
  if (rows.length === 0) return 'There are none.';
  const columns = Object.keys(rows[0]!).slice(0, COLUMNS_MAX);
  const cells = [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))];
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => line[at]!.length)));
  return cells
    .map((line) =>
      line
        .map((text, at) => text.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cell(value: unknown): string {
  const text = typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value);
  return text.length > CELL_LENGTH_MAX ? `${text.slice(0, CELL_LENGTH_MAX - 1)}…` : text;
}
