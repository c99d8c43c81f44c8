/** What is missing in a step before the next can come, in words that say what to do. */
import { deploymentOptions } from '@lovely/api';
import { plural } from '../format/number.ts';
import { TYPED_HOUSES_MIN } from '../limits.ts';
import type { Step } from './deployment-search.ts';
import { targetOf, type Draft } from './draft.ts';

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
      return deploymentOptions.safeParse(draft.options).success && arePhasesRising(draft)
        ? undefined
        : 'Mend what is marked above, or choose one of the ways that are there.';
    case 'review':
      return (
        missingIn('software', draft, { houses, typed }) ??
        missingHouses(draft, houses) ??
        missingIn('rollout', draft, { houses, typed }) ??
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

/** Whether each phase goes further than the one before, as far as they can be compared. */
export function arePhasesRising({ options: { phases } }: Pick<Draft, 'options'>): boolean {
  const percents = phases.flatMap((phase) => ('percent' in phase ? [phase.percent] : []));
  const counts = phases.flatMap((phase) => ('count' in phase ? [phase.count] : []));
  return isRising(percents) && isRising(counts);
}

function isRising(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value > (values[index - 1] ?? 0));
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
