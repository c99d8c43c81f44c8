import { expect, test } from 'bun:test';
import { bytes, decimal, percentage, plural, shortCount } from './number.ts';

test('bytes are written in binary units', () => {
  expect([0, 512, 1024, 1536, 7.4e9].map(bytes)).toEqual(['0 B', '512 B', '1 KiB', '1.5 KiB', '6.89 GiB']);
});

test('a share never claims the whole fleet while one house is missing', () => {
  expect(percentage(999_999, 1_000_000)).toBe('99.99%');
  expect(percentage(1_000_000, 1_000_000)).toBe('100%');
  expect(percentage(974_501, 1_000_000)).toBe('97.45%');
  expect(percentage(0, 0)).toBe('—');
});

test('counts fit a badge', () => {
  expect([7, 812, 1100, 25_499, 1_000_000].map(shortCount)).toEqual(['7', '812', '1.1K', '25K', '1M']);
});

test('decimals keep about three digits', () => {
  expect([0.425, 41.27, 231.4, 1024].map(decimal)).toEqual(['0.43', '41.3', '231', '1,024']);
});

test('one house is not "1 houses"', () => {
  expect(plural(1, 'house')).toBe('1 house');
  expect(plural(1200, 'house')).toBe('1,200 houses');
});
