import { expect, test } from 'bun:test';
import { TokenBucket } from './token-bucket.ts';

const PER_SECOND = 10;
const BURST = 5;

function takeAll(bucket: TokenBucket, nowMs: number): number {
  let taken = 0;
  while (bucket.take(PER_SECOND, BURST, nowMs)) taken++;
  return taken;
}

test('a burst goes through at once, and no more', () => {
  expect(takeAll(new TokenBucket(BURST, 0), 0)).toBe(BURST);
});

test('tokens come back with time, up to the burst', () => {
  const bucket = new TokenBucket(BURST, 0);
  takeAll(bucket, 0);
  expect(bucket.take(PER_SECOND, BURST, 99)).toBe(false);
  expect(takeAll(bucket, 300)).toBe(3);
  expect(takeAll(bucket, 3_600_000)).toBe(BURST);
});

test('a refused call costs nothing: asking often does not starve', () => {
  const bucket = new TokenBucket(BURST, 0);
  takeAll(bucket, 0);
  let taken = 0;
  for (let nowMs = 1; nowMs <= 1000; nowMs++) if (bucket.take(PER_SECOND, BURST, nowMs)) taken++;
  expect(taken).toBe(PER_SECOND);
});

test('a clock that goes back gives no tokens', () => {
  const bucket = new TokenBucket(BURST, 60_000);
  takeAll(bucket, 60_000);
  expect(bucket.take(PER_SECOND, BURST, 0)).toBe(false);
  expect(takeAll(bucket, 100)).toBe(1);
});
