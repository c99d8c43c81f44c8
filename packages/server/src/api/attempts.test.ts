import { expect, test } from 'bun:test';
import { LovelyError } from '../errors.ts';
import { createAttempts } from './attempts.ts';

const MAX = 3;
const WINDOW_MS = 60_000;

function at(nowMs: number) {
  const clock = { nowMs };
  const attempts = createAttempts(MAX, WINDOW_MS, () => clock.nowMs);
  /** The seconds to wait, or 'allowed'. */
  const count = (key: string): number | 'allowed' | undefined => {
    try {
      attempts.count(key);
      return 'allowed';
    } catch (error) {
      if (error instanceof LovelyError && error.code === 'too-many-requests') return error.retryAfterSeconds;
      throw error;
    }
  };
  return { clock, attempts, count };
}

test('so many attempts are allowed within the window, the next is told how long to wait', () => {
  const { clock, count } = at(0);
  expect([1, 2, 3].map(() => count('a'))).toEqual(['allowed', 'allowed', 'allowed']);
  expect(count('a')).toBe(60);
  clock.nowMs = 45_500;
  expect(count('a')).toBe(15);
});

test('the keys do not share their attempts', () => {
  const { count } = at(0);
  for (let tries = 0; tries < 10; tries++) count('a');
  expect(count('b')).toBe('allowed');
});

test('when the window is over, attempts are counted anew', () => {
  const { clock, count } = at(0);
  for (let tries = 0; tries < 10; tries++) count('a');
  clock.nowMs = WINDOW_MS;
  expect([1, 2, 3, 4].map(() => count('a'))).toEqual(['allowed', 'allowed', 'allowed', 60]);
});

test('a key that proved to be good has its attempts forgotten', () => {
  const { attempts, count } = at(0);
  for (let tries = 0; tries < 3; tries++) count('a');
  attempts.forgive('a');
  expect(count('a')).toBe('allowed');
});

test('an attack from everywhere keeps to its memory, and the newest keys are still counted', () => {
  const { count } = at(0);
  for (let key = 0; key < 150_000; key++) count(String(key));
  for (let tries = 0; tries < 3; tries++) count('newest');
  expect(count('newest')).toBe(60);
});
