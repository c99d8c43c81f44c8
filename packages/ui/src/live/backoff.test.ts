import { expect, test } from 'bun:test';
import { backoff } from './backoff.ts';

test('the waits double up to the limit, with full jitter', () => {
  const longest = backoff(500, 15_000, () => 1);
  expect(Array.from({ length: 8 }, () => longest.next().value)).toEqual([
    500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000,
  ]);
  const shortest = backoff(500, 15_000, () => 0);
  expect(Array.from({ length: 3 }, () => shortest.next().value)).toEqual([0, 0, 0]);
});
