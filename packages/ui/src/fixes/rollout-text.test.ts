import { expect, test } from 'bun:test';
import { partsOf, phaseText } from './rollout-text.ts';

const none = {
  houses: 10,
  pending: 0,
  skipped: 0,
  waiting: 0,
  running: 0,
  checking: 0,
  helped: 0,
  notHelped: 0,
  failed: 0,
  refused: 0,
  cancelled: 0,
};

test('the houses of a rollout are told by what came of it, without what no house is in', () => {
  const parts = partsOf({ counts: { ...none, helped: 3, failed: 1, pending: 6 } });
  expect(parts.map(({ label, amount }) => `${amount} ${label}`)).toEqual(['3 helped', '1 failed', '6 to come']);
});

test('a phase is named by its share, the first by what it is', () => {
  expect(phaseText({ share: 0, houses: 1 })).toBe('Trial on 1 house');
  expect(phaseText({ share: 0.1, houses: 1210 })).toBe('10% · 1,210 houses');
});
