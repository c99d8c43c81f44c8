import { expect, test } from 'bun:test';
import { snoozeTimes } from './snooze-times.ts';

test('tomorrow morning is the next day at nine, also just before midnight and over the end of a year', () => {
  const times = snoozeTimes(new Date(2026, 11, 31, 23, 59));
  expect(times.find(({ label }) => label === 'Until tomorrow morning')?.until).toEqual(new Date(2027, 0, 1, 9));
});

test('all of them lie ahead, the nearest first', () => {
  const now = new Date(2026, 10, 22, 3);
  const times = [now, ...snoozeTimes(now).map(({ until }) => until)].map(Number);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
});
