import { expect, test } from 'bun:test';
import { durationText, durationUnit } from './duration.ts';

test('a duration is written in the largest unit that it is whole in', () => {
  expect([0, 1_000, 90_000, 300_000, 3_600_000, 172_800_000].map(durationText)).toEqual([
    '0 seconds',
    '1 second',
    '90 seconds',
    '5 minutes',
    '1 hour',
    '2 days',
  ]);
});

test('a duration of no whole seconds is in seconds all the same', () => {
  expect(durationUnit(1_500).label).toBe('seconds');
  expect(durationText(1_500)).toBe('1.5 seconds');
});
