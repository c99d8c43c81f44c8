import { expect, test } from 'bun:test';
import { ago, longSpan, remaining, span } from './time.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test('ages are written in their largest unit', () => {
  const now = Date.UTC(2026, 10, 22, 12);
  expect(ago(now - 1500, now)).toBe('now');
  expect(ago(now - 12 * SECOND, now)).toBe('12 s ago');
  expect(ago(now - 4 * MINUTE, now)).toBe('4 min ago');
  expect(ago(now - 30 * HOUR, now)).toBe('30 h ago');
  expect(ago(now - 5 * DAY, now)).toBe('5 d ago');
  expect(ago(new Date(now - 3 * HOUR).toISOString(), now)).toBe('3 h ago');
});

test('a time ahead of this clock is now', () => {
  expect(ago(5000, 1000)).toBe('now');
});

test('what is left of a time ends with it', () => {
  expect(remaining(new Date(3 * HOUR).toISOString(), 0)).toBe('3 h left');
  expect(remaining(1000, 1000)).toBe('over');
});

test('an age of months is a date', () => {
  expect(ago(Date.UTC(2025, 0, 15, 12), Date.UTC(2026, 0, 1))).toContain('2025');
});

test('spans are never negative', () => {
  expect(span(-5)).toBe('0 s');
  expect(longSpan(41 * DAY + 6 * HOUR + 5 * MINUTE)).toBe('41 d 6 h');
  expect(longSpan(3 * HOUR + 20 * MINUTE)).toBe('3 h 20 min');
  expect(longSpan(90 * SECOND)).toBe('1 min');
  expect(longSpan(12 * SECOND)).toBe('12 s');
});
