/** What is missing in a step before the next can come, in words that say what to do. */
import {
  deploymentOptions,
  NAME_LENGTH_MAX,
  PHASE_PAUSE_MS_MAX,
  type DeploymentOptions,
  type DeploymentPhaseWish,
} from '@lovely/api';
import { durationText } from '../format/duration.ts';
import { plural } from '../format/number.ts';
import { TYPED_HOUSES_MIN } from '../limits.ts';
import { problemsIn } from '../parts/problems.ts';
import type { Step } from './deployment-search.ts';
import { targetOf, type Draft } from './draft.ts';

const PERCENT_MIN = 0.001;

interface Known {
  /** How many houses it would be for; undefined while that is not known. */
  readonly houses: number | undefined;
  /** What was typed to confirm. */
  readonly typed: string;
}

/** Undefined when nothing is. */
export function missingIn(step: Step, draft: Draft, { houses, typed }: Known): string | undefined {
  switch (step) {
    case 'software':
      return draft.artifactName === undefined ? 'Choose the release that houses should run.' : undefined;
    case 'houses':
      return missingHouses(draft, houses);
    case 'rollout':
      return problemsWith(draft.options, Date.now()).size === 0 ? undefined : 'Mend what is marked above.';
    case 'review':
      return (
        missingIn('software', draft, { houses, typed }) ??
        missingHouses(draft, houses) ??
        (missingIn('rollout', draft, { houses, typed }) === undefined
          ? undefined
          : 'Something is wrong with how it goes: go back one step, where it is marked.') ??
        (nameProblem(draft.name) === undefined ? undefined : 'Give it a shorter name.') ??
        (mustType(houses) && typed.trim() !== String(houses)
          ? `It is for ${plural(houses ?? 0, 'house')}: type that number to say that you mean it.`
          : undefined)
      );
  }
}

/** Whether so many houses are meant that their number must be typed. */
export function mustType(houses: number | undefined): boolean {
  return houses !== undefined && houses >= TYPED_HOUSES_MIN;
}

export function nameProblem(name: string | undefined): string | undefined {
  return name !== undefined && name.trim().length > NAME_LENGTH_MAX
    ? `This is too long: at most ${NAME_LENGTH_MAX} characters.`
    : undefined;
}

/**
 * What is wrong with how it goes, in the words and units of its fields, by the path of each: `gates.minSample`,
 * `phases.0.amount`, `phases.0.pauseMs`.
 */
export function problemsWith(options: DeploymentOptions, nowMs: number): Map<string, string> {
  const read = deploymentOptions.safeParse(options);
  const problems = new Map(
    [...(read.success ? [] : problemsIn(read.error))].filter(([path]) => !path.startsWith('phases.')),
  );
  for (const gate of ['gates.failureMax', 'gates.alertsMax'])
    if (problems.has(gate)) problems.set(gate, 'From 0 to 100%.');
  if (problems.has('bytesPerSecond')) problems.set('bytesPerSecond', 'From 1 KiB/s on.');
  const { startAt, endAt, phases } = options;
  const startMs = startAt === null ? nowMs : Date.parse(startAt);
  if (startMs < nowMs) problems.set('startAt', 'This has passed: take a later time, or none to begin at once.');
  if (endAt !== null && Date.parse(endAt) <= startMs)
    problems.set('endAt', startAt === null ? 'This has passed: take a later time.' : 'It ends before it begins.');
  for (const [index, phase] of phases.slice(0, -1).entries()) {
    const amount = amountProblem(phase, phases[index - 1]);
    if (amount !== undefined) problems.set(`phases.${index}.amount`, amount);
    const pause = pauseProblem(phase.pauseMs);
    if (pause !== undefined) problems.set(`phases.${index}.pauseMs`, pause);
  }
  return problems;
}

/** Each phase goes further than the one before, as far as they can be compared; the last is all, and has no number. */
function amountProblem(phase: DeploymentPhaseWish, before: DeploymentPhaseWish | undefined): string | undefined {
  if ('count' in phase) {
    if (!Number.isInteger(phase.count) || phase.count < 1) return 'A whole number from 1 on.';
    return before && 'count' in before && phase.count <= before.count
      ? `More than the ${before.count} before.`
      : undefined;
  }
  if (Number.isNaN(phase.percent) || phase.percent < PERCENT_MIN) return 'More than 0%.';
  if (phase.percent >= 100) return 'Less than 100%: all come last.';
  return before && 'percent' in before && phase.percent <= before.percent
    ? `More than the ${before.percent}% before.`
    : undefined;
}

function pauseProblem(pauseMs: number): string | undefined {
  if (Number.isNaN(pauseMs)) return 'A number is missing.';
  return pauseMs < 0 || pauseMs > PHASE_PAUSE_MS_MAX ? `From 0 to ${durationText(PHASE_PAUSE_MS_MAX)}.` : undefined;
}

function missingHouses(draft: Draft, houses: number | undefined): string | undefined {
  if (targetOf(draft) === undefined) {
    switch (draft.to) {
      case 'group':
        return 'Choose a group.';
      case 'filter':
        return 'Complete the conditions, or take away those that you don’t need.';
      case 'devices':
        return 'Search for a house and choose it.';
      default:
        return 'Choose which houses it is for.';
    }
  }
  return houses === 0 ? 'No house is meant: choose others.' : undefined;
}
