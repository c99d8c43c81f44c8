import { expect, test } from 'bun:test';
import type { RuleDraft } from '@lovely/api';
import { placeholderProblem, placeholdersOf } from './placeholders.ts';

const HOT: Pick<RuleDraft, 'watch' | 'of'> = {
  watch: { kind: 'threshold', metric: 'oven.celsius', direction: 'above', raiseAt: 250, clearAt: 240, forMs: 0 },
  of: { kind: 'sensors', kinds: ['oven'], models: [] },
};
const FULL: Pick<RuleDraft, 'watch' | 'of'> = {
  watch: {
    kind: 'rate',
    metric: 'disk.*.usedPercent',
    direction: 'above',
    raiseAt: 9,
    clearAt: 2,
    windowMs: 1,
    forMs: 0,
  },
  of: { kind: 'gateway' },
};

test('what is offered depends on what is watched', () => {
  expect(placeholdersOf(HOT)).toEqual(['sensor', 'value', 'metric', 'source']);
  expect(placeholdersOf(FULL)).toEqual(['value', 'metric', 'change', 'mount', 'source']);
});

test('a name that nothing is known for is told with what there is, those of the rule and of its metric are known', () => {
  expect(placeholderProblem('{sensor}: {value} or {celsius} of {raiseAt} °C', HOT)).toBeUndefined();
  expect(placeholderProblem('{mount} {usedPercent} {change} {source}', FULL)).toBeUndefined();
  expect(placeholderProblem('{value} {valu} {nothing}', HOT)).toBe(
    'Nothing is known for {valu}. Take one of {sensor} {value} {metric} {source}, or leave out the braces.',
  );
  expect(placeholderProblem('{sensor}', FULL)).toContain('Nothing is known for {sensor}.');
  expect(placeholderProblem('{} { and }', HOT)).toBeUndefined();
});

test('what somebody may choose is known beside it', () => {
  expect(placeholderProblem('{freeMb}', FULL, ['freeMb'])).toBeUndefined();
  expect(placeholderProblem('{free}', FULL, ['freeMb'])).toContain('{source} {freeMb}');
});
