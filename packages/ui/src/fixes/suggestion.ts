/** Which fix is offered next for an alert. */
import type { Fix, FixRun } from '@lovely/api';
import { isUnderWay, wasInVain } from './fix-text.ts';

export interface Suggestion {
  /** The run that is under way, if any. */
  readonly run: FixRun | undefined;
  /** What to try now: the most promising that was not tried in vain; after all were, the most promising again. */
  readonly next: Fix | undefined;
  readonly others: readonly Fix[];
  /** Runs for this alert that did not help, the newest first, one for each fix. */
  readonly inVain: readonly FixRun[];
  readonly isExhausted: boolean;
}

/** From the fixes for an alert, the most promising first, and its runs, the newest first. */
export function suggest(fixes: readonly Fix[], runs: readonly FixRun[], openedAt: string): Suggestion {
  const ofThisTime = runs.filter(({ createdAt }) => createdAt >= openedAt);
  const latest = new Map<string, FixRun>();
  for (const run of ofThisTime) if (run.fixId !== null && !latest.has(run.fixId)) latest.set(run.fixId, run);
  const isOpen = ({ id }: Fix): boolean => {
    const run = latest.get(id);
    return run === undefined || !wasInVain(run);
  };
  const untried = fixes.filter(isOpen);
  const next = untried[0] ?? fixes[0];
  return {
    run: ofThisTime.find(isUnderWay),
    next,
    others: fixes.filter((fix) => fix !== next),
    inVain: [...latest.values()].filter(wasInVain),
    isExhausted: fixes.length > 0 && untried.length === 0,
  };
}
