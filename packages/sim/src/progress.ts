/** Says how the fleet is doing: one line that is written over on a terminal, else a line now and then. */
import type { FleetCounts } from './fleet.ts';
import { PROGRESS_JOINED_MS, PROGRESS_JOINING_MS, PROGRESS_TERMINAL_MS } from './limits.ts';

/** Some houses are always away: with so many there, the fleet is complete. */
const SETTLED_SHARE = 0.95;
const ERASE_LINE = '\r\x1b[2K';

export interface Progress {
  close(): void;
}

export function startProgress(counts: () => FleetCounts, seed: number): Progress {
  const isTerminal = process.stdout.isTTY;
  let last = '';
  let timer: ReturnType<typeof setTimeout>;
  const look = (): void => {
    const now = counts();
    const line = describe(now, seed);
    if (line !== last) process.stdout.write(isTerminal ? ERASE_LINE + line : `${line}\n`);
    last = line;
    const waitMs = now.connected < now.houses * SETTLED_SHARE ? PROGRESS_JOINING_MS : PROGRESS_JOINED_MS;
    timer = setTimeout(look, isTerminal ? PROGRESS_TERMINAL_MS : waitMs);
  };
  look();
  return {
    close() {
      clearTimeout(timer);
      if (isTerminal) process.stdout.write('\n');
    },
  };
}

function describe({ houses, joined, connected, troubled }: FleetCounts, seed: number): string {
  const of = (count: number): string => count.toLocaleString('en');
  if (joined < houses) return `seed ${seed}: ${of(joined)} of ${of(houses)} houses have joined`;
  return `seed ${seed}: ${of(houses)} houses, ${of(connected)} connected, ${of(troubled)} of them with a problem`;
}
