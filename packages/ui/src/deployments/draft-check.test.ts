import { expect, test } from 'bun:test';
import { arePhasesRising, missingIn } from './draft-check.ts';
import { draftOf, type Draft } from './draft.ts';

const known = { houses: 12, typed: '' };
const draft: Draft = { ...draftOf({}), artifactName: 'r2', to: 'all' };

test('each step says what is missing, and nothing when it is complete', () => {
  expect(missingIn('software', { ...draft, artifactName: undefined }, known)).toContain('Choose the release');
  expect(missingIn('houses', { ...draft, to: undefined }, known)).toContain('Choose which houses');
  expect(missingIn('houses', { ...draft, to: 'group' }, known)).toBe('Choose a group.');
  expect(missingIn('houses', draft, { ...known, houses: 0 })).toContain('No house is meant');
  for (const step of ['software', 'houses', 'rollout', 'review'] as const)
    expect(missingIn(step, draft, known)).toBeUndefined();
});

test('the last step finds what is missing in those before', () => {
  const broken = { ...draft, options: { ...draft.options, retries: Number.NaN } };
  expect(missingIn('rollout', broken, known)).toBeDefined();
  expect(missingIn('review', broken, known)).toEqual(missingIn('rollout', broken, known));
});

test('for many houses their number is typed first', () => {
  const many = { houses: 412, typed: '' };
  expect(missingIn('review', draft, many)).toContain('type that number');
  expect(missingIn('review', draft, { ...many, typed: ' 412 ' })).toBeUndefined();
});

test('a phase that goes no further than the one before is told', () => {
  const phase = (percent: number) => ({ percent, pauseMs: 0, waitsForPerson: false });
  const withPhases = (...percents: number[]) => ({ options: { ...draft.options, phases: percents.map(phase) } });
  expect(arePhasesRising(withPhases(1, 10, 100))).toBe(true);
  expect(arePhasesRising(withPhases(10, 10, 100))).toBe(false);
});
