import { expect, test } from 'bun:test';
import { backoff } from './backoff.ts';

function first(count: number, options: Parameters<typeof backoff>[0]): number[] {
  const waits = backoff(options);
  return Array.from({ length: count }, () => waits.next().value);
}

const base = { firstMs: 1000, maxMs: 8000, factor: 2, steadyShare: 0 };

test('the cap grows by the factor and stays at its maximum for ever', () => {
  expect(first(6, { ...base, random: () => 1 })).toEqual([1000, 2000, 4000, 8000, 8000, 8000]);
});

test('full jitter spreads a wait from 0 to the cap', () => {
  expect(first(4, { ...base, random: () => 0 })).toEqual([0, 0, 0, 0]);
  expect(first(4, { ...base, random: () => 0.5 })).toEqual([500, 1000, 2000, 4000]);
});

test('a steady share is waited whatever the randomness says', () => {
  expect(first(3, { ...base, steadyShare: 0.75, random: () => 0 })).toEqual([750, 1500, 3000]);
});
