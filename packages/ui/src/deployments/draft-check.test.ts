import { expect, test } from 'bun:test';
import { missingIn, nameProblem, problemsWith } from './draft-check.ts';
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
  expect(missingIn('review', broken, known)).toContain('go back one step');
});

test('for many houses their number is typed first', () => {
  const many = { houses: 412, typed: '' };
  expect(missingIn('review', draft, many)).toContain('type that number');
  expect(missingIn('review', draft, { ...many, typed: ' 412 ' })).toBeUndefined();
});

const NOW_MS = Date.parse('2026-11-23T12:00:00Z');
const wrongWith = (part: Partial<Draft['options']>) =>
  Object.fromEntries(problemsWith({ ...draft.options, ...part }, NOW_MS));
const percents = (...values: number[]) => ({
  phases: values.map((percent) => ({ percent, pauseMs: 0, waitsForPerson: false })),
});

test('a phase that has no good number, or goes no further than the one before, is told at its field', () => {
  expect(wrongWith(percents(1, 10, 100))).toEqual({});
  expect(wrongWith(percents(0, 101, 100))).toEqual({
    'phases.0.amount': 'More than 0%.',
    'phases.1.amount': 'Less than 100%: all come last.',
  });
  expect(wrongWith(percents(10, 10, 100))).toEqual({ 'phases.1.amount': 'More than the 10% before.' });
  expect(wrongWith(percents(Number.NaN, 100))).toEqual({ 'phases.0.amount': 'More than 0%.' });
  const counts = [5, 2.5, 5, 1].map((count) => ({ count, pauseMs: 0, waitsForPerson: false }));
  expect(wrongWith({ phases: counts })).toEqual({ 'phases.1.amount': 'A whole number from 1 on.' });
  const [first, last] = percents(1, 100).phases;
  expect(wrongWith({ phases: [{ ...first!, pauseMs: -1 }, last!] })).toEqual({
    'phases.0.pauseMs': 'From 0 to 30 days.',
  });
});

test('times that have passed or are the wrong way round are told', () => {
  expect(wrongWith({ startAt: '2026-11-23T11:00:00.000Z' })).toEqual({
    startAt: expect.stringContaining('has passed'),
  });
  expect(wrongWith({ endAt: '2026-11-23T11:00:00.000Z' })).toEqual({ endAt: expect.stringContaining('has passed') });
  const startAt = '2026-11-24T11:00:00.000Z';
  expect(wrongWith({ startAt, endAt: startAt })).toEqual({ endAt: 'It ends before it begins.' });
  expect(wrongWith({ startAt, endAt: '2026-11-24T12:00:00.000Z' })).toEqual({});
});

test('limits are told in the units of their fields', () => {
  const gates = { failureMax: 1.01, alertsMax: -0.5, reconnectsMax: -1, minSample: 0 };
  expect(wrongWith({ gates, bytesPerSecond: -1024, parallelMax: 0, retries: 21 })).toEqual({
    'gates.failureMax': 'From 0 to 100%.',
    'gates.alertsMax': 'From 0 to 100%.',
    'gates.reconnectsMax': 'At least 0.',
    'gates.minSample': 'At least 1.',
    bytesPerSecond: 'From 1 KiB/s on.',
    parallelMax: 'At least 1.',
    retries: 'At most 20.',
  });
});

test('a name that is too long is told, in characters', () => {
  expect(nameProblem('🏠'.repeat(100))).toBeUndefined();
  expect(nameProblem('x'.repeat(300))).toContain('at most 200');
  expect(missingIn('review', { ...draft, name: 'x'.repeat(300) }, known)).toBe('Give it a shorter name.');
});
