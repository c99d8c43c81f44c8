import { expect, test } from 'bun:test';
import { fromLocalTime, localTimeOf } from './local-time.ts';

test('a time in a field is the same moment again', () => {
  expect(fromLocalTime(localTimeOf('2026-11-23T02:30:00.000Z'))).toBe('2026-11-23T02:30:00.000Z');
  expect(localTimeOf(null)).toBe('');
  expect(fromLocalTime('')).toBeNull();
  expect(fromLocalTime('2026-13')).toBeNull();
});
