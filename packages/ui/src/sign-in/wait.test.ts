import { expect, test } from 'bun:test';
import { ApiError } from '@lovely/api';
import { secondsToWait, timeLeft } from './wait.ts';

const refusal = (status: number, retryAfterSeconds?: number) =>
  new ApiError({ type: '', title: '', status, code: '', detail: '', requestId: '' }, retryAfterSeconds);

test('a wait counts down in minutes and seconds, and its last second is a whole one', () => {
  expect([90_000, 24_000, 1, 0, -5].map(timeLeft)).toEqual(['1:30', '0:24', '0:01', '', '']);
});

test('only too many tries are waited for', () => {
  expect([refusal(429, 30), refusal(503, 2), refusal(401), new Error('x'), null].map(secondsToWait)).toEqual([
    30,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
