import { expect, test } from 'bun:test';
import { shortcutReader } from './shortcut.ts';

test('g then d goes to devices', () => {
  const read = shortcutReader(1000);
  expect(read('g', 0)).toBeUndefined();
  expect(read('d', 500)).toBe('devices');
  expect(read('d', 600)).toBeUndefined();
});

test('a slow second key is a key of its own', () => {
  const read = shortcutReader(1000);
  read('g', 0);
  expect(read('t', 1500)).toBe('terminal');
});

test('single keys act at once, also after a broken sequence', () => {
  const read = shortcutReader(1000);
  expect(read('?', 0)).toBe('help');
  expect(read('g', 10)).toBeUndefined();
  expect(read('x', 20)).toBeUndefined();
  expect(read('/', 30)).toBe('filter');
});
