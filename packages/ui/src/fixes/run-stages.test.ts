import { expect, test } from 'bun:test';
import { stagesOf } from './run-stages.ts';

const run = { startedAt: '2026-11-22T12:00:00Z', steps: 3, stepsDone: 1 };
const states = (part: Partial<Parameters<typeof stagesOf>[0]>): string[] =>
  stagesOf({ ...run, state: 'running', ...part }).map(({ label, state }) => `${state}: ${label}`);

test('a run says which of its steps is under way', () => {
  expect(states({})).toEqual(['done: Reached the house', 'now: Runs, step 2 of 3', 'ahead: Checks']);
});

test('what ended well and what did not are told apart', () => {
  expect(states({ state: 'helped' }).at(-1)).toBe('done: It helped');
  expect(states({ state: 'not-helped' }).at(-1)).toBe('bad: It did not help');
});

test('a run that was called off before it reached the house never claims to have', () => {
  expect(states({ state: 'cancelled', startedAt: null })).toEqual(['bad: Called off']);
  expect(states({ state: 'failed' })).toEqual(['done: Reached the house', 'bad: It failed']);
});
