import { expect, test } from 'bun:test';
import { pathsOf } from './sparkline-path.ts';

test('a line has gaps where values are missing, and a value that never changes runs through the middle', () => {
  expect(pathsOf([1, 1, 1]).lines).toBe('M0,16L60,16L120,16');
  expect(pathsOf([0, 10, null, 10, 0]).lines).toBe('M0,30L30,2M90,2L120,30');
  expect(pathsOf([null, null])).toEqual({ lines: '', areas: '' });
  expect(pathsOf([50], 0, 100).lines).toBe('M0,16L1,16');
});
