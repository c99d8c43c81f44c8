/** The line of a Sparkline, in its own units. */
export const WIDTH = 120;
export const HEIGHT = 32;
/** So that a round line end is not cut off. */
const EDGE = 2;

/** The lines between gaps, and the areas below them, as paths of SVG. */
export function pathsOf(
  values: readonly (number | null)[],
  min = Infinity,
  max = -Infinity,
): { lines: string; areas: string } {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return { lines: '', areas: '' };
  const low = Math.min(min, ...known);
  const high = Math.max(max, ...known);
  const x = (at: number): number => round((at / Math.max(1, values.length - 1)) * WIDTH);
  // A value that never changes runs through the middle.
  const y = (value: number): number =>
    high === low ? HEIGHT / 2 : round(EDGE + (1 - (value - low) / (high - low)) * (HEIGHT - 2 * EDGE));
  const lines: string[] = [];
  const areas: string[] = [];
  let run: string[] = [];
  let first = 0;
  const end = (after: number): void => {
    if (run.length === 0) return;
    // A single value is a short line, or it would not be seen.
    if (run.length === 1) run.push(`${x(after - 1) + 1},${run[0]!.split(',')[1]}`);
    lines.push(`M${run.join('L')}`);
    areas.push(`M${x(first)},${HEIGHT}L${run.join('L')}L${x(after - 1)},${HEIGHT}Z`);
    run = [];
  };
  for (const [at, value] of values.entries()) {
    if (value === null) {
      end(at);
      continue;
    }
    if (run.length === 0) first = at;
    run.push(`${x(at)},${y(value)}`);
  }
  end(values.length);
  return { lines: lines.join(''), areas: areas.join('') };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
