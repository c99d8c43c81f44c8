import { expect, test } from 'bun:test';
import type { RuleDraft } from '@lovely/api';
import { placeholdersOf, unknownPlaceholder } from './placeholders.ts';

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

test('a name that nothing is known for is found, those of the rule and of its metric are known', () => {
  expect(unknownPlaceholder('{sensor}: {value} or {celsius} of {raiseAt} °C', HOT)).toBeUndefined();
  expect(unknownPlaceholder('{mount} {usedPercent} {change} {source}', FULL)).toBeUndefined();
  expect(unknownPlaceholder('{value} {valu} {nothing}', HOT)).toBe('valu');
  expect(unknownPlaceholder('{sensor}', FULL)).toBe('sensor');
  expect(unknownPlaceholder('{} { and }', HOT)).toBeUndefined();
});
