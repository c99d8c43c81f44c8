/**
 * A rollout as a plan: from its counts follows what is to be done next. One house as a trial, then phase after phase; it
 * stops by itself when it does not help. Pure, as the plan of a run is.
 */
import { FIX_ROLLOUT_RESULTS_MIN, FIX_ROLLOUT_TRIALS_MAX } from '../limits.ts';

export interface RolloutFacts {
  readonly state: 'trial' | 'running';
  readonly phase: number;
  /** Houses that have had their turn when each phase is over: the trial's first, all of them last. */
  readonly phases: readonly number[];
  readonly parallelMax: number;
  readonly minSuccess: number;
  /** Houses that have had their turn or were skipped. */
  readonly started: number;
  /** Runs under way, or waiting on houses that are connected. */
  readonly active: number;
  /** Runs that wait for houses to be back. */
  readonly away: number;
  /** Runs that came to an end on their house, and of these those that helped; without what was forgiven. */
  readonly tried: number;
  readonly helped: number;
}

export type RolloutStep =
  | { readonly kind: 'wait' }
  /** So many houses have their turn now. */
  | { readonly kind: 'start'; readonly houses: number }
  | { readonly kind: 'advance'; readonly phase: number }
  | { readonly kind: 'stop'; readonly reason: string }
  | { readonly kind: 'finish'; readonly reason: string };

/** After which the trial is over, and then a twentieth, a quarter and all of the houses. */
const SHARES = [0.05, 0.25, 1];

export function phasesOf(houses: number): number[] {
  const ends = [1, ...SHARES.map((share) => Math.ceil(houses * share))];
  return ends.map((end) => Math.min(end, houses)).filter((end, index, all) => end > 0 && end > (all[index - 1] ?? 0));
}

export function planRollout(facts: RolloutFacts): RolloutStep {
  return facts.state === 'trial' ? planTrial(facts) : planPhase(facts);
}

function planTrial({ phases, started, active, away, tried, helped }: RolloutFacts): RolloutStep {
  const houses = phases.at(-1) ?? 0;
  if (helped > 0) return { kind: 'advance', phase: 1 };
  if (tried > 0) return { kind: 'stop', reason: 'It did not help the first house.' };
  if (active > 0) return { kind: 'wait' };
  if (started >= houses) {
    if (away > 0) return { kind: 'wait' };
    return { kind: 'finish', reason: 'No house was left to try it on.' };
  }
  // Refused or called off, as the problem was over or the house away: that says nothing yet, so the next one tries.
  if (started >= FIX_ROLLOUT_TRIALS_MAX) return { kind: 'stop', reason: 'None of the first houses could try it.' };
  return { kind: 'start', houses: 1 };
}

function planPhase(facts: RolloutFacts): RolloutStep {
  const { phase, phases, parallelMax, minSuccess, started, active, away, tried, helped } = facts;
  const houses = phases.at(-1) ?? 0;
  const end = phases[phase] ?? houses;
  const isOver = started >= end && active === 0;
  if (tried > 0 && (tried >= FIX_ROLLOUT_RESULTS_MIN || isOver) && helped / tried < minSuccess)
    return { kind: 'stop', reason: `It helped only ${helped} of ${tried} houses.` };
  if (started < end && active < parallelMax)
    return { kind: 'start', houses: Math.min(parallelMax - active, end - started) };
  if (!isOver) return { kind: 'wait' };
  if (end < houses) return { kind: 'advance', phase: phase + 1 };
  return away > 0 ? { kind: 'wait' } : { kind: 'finish', reason: '' };
}
