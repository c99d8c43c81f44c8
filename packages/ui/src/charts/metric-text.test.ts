import { expect, test } from 'bun:test';
import { metricText } from './metric-text.ts';

test('values are written in their unit, rates by the second', () => {
  expect(metricText(41.234, 'percent', false)).toBe('41.2 %');
  expect(metricText(1536, 'bytes', true)).toBe('1.5 KiB/s');
  expect(metricText(-2048, 'bytes', false)).toBe('−2 KiB');
  expect(metricText(12_000, 'seconds', false)).toBe('3 h 20 min');
  expect(metricText(7200, 'seconds', false)).toBe('2 h');
  expect(metricText(1.5, 'seconds', false)).toBe('1.5 s');
  expect(metricText(0.4, 'processes', false)).toBe('0.4');
});
