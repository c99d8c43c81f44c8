/** How many houses of a deployment are how far, added up for its plan and its gates. Pure. */
import { FINAL_STATES } from './deployment-house.ts';
import type { PlanCounts } from './deployment-plan.ts';

/** Counts of one state in one phase; -1 is of houses that have not begun. */
export interface CountRow {
  readonly deploymentId: string;
  readonly phase: number;
  readonly state: string;
  readonly houses: number;
  readonly wanted: number;
  readonly downloaded: number;
  readonly retried: number;
  readonly reconnects: number;
}

const FINAL: ReadonlySet<string> = new Set(FINAL_STATES);

export function planCounts(counts: readonly CountRow[], away: number): PlanCounts {
  const sum = (is: (row: CountRow) => boolean): number =>
    counts.reduce((total, row) => total + (is(row) ? row.houses : 0), 0);
  const hasBegun = ({ phase }: CountRow): boolean => phase >= 0;
  return {
    houses: sum(() => true),
    skipped: sum((row) => !hasBegun(row) && FINAL.has(row.state)),
    begun: sum(hasBegun),
    waiting: sum((row) => !hasBegun(row) && row.state === 'pending'),
    retrying: sum((row) => hasBegun(row) && row.state === 'pending'),
    active: sum((row) => !FINAL.has(row.state) && row.state !== 'pending'),
    downloading: sum(({ state }) => state === 'offered' || state === 'downloading'),
    away,
  };
}

/** What went wrong and what came to an end, tries among them, without what a person has forgiven. */
export function failuresOf(
  counts: readonly CountRow[],
  suspicious: number,
): { failed: number; through: number; reconnects: number } {
  let failed = suspicious;
  let through = suspicious;
  let reconnects = 0;
  for (const { phase, state, houses, retried, reconnects: more } of counts) {
    failed += retried;
    through += retried;
    reconnects += more;
    if (phase < 0) continue;
    if (state === 'failure') failed += houses;
    if (state === 'failure' || state === 'success' || state === 'already-installed') through += houses;
  }
  return { failed, through, reconnects };
}
