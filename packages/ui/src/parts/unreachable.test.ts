import { expect, test } from 'bun:test';
import { isPartMissing, isUnreachable } from './unreachable.ts';

test('the words of each browser for a part that is missing and a server that is away are known', () => {
  for (const message of [
    'Failed to fetch dynamically imported module: http://localhost/assets/a.js',
    'error loading dynamically imported module: http://localhost/assets/a.js',
    'Importing a module script failed.',
  ])
    expect([isPartMissing(new TypeError(message)), isUnreachable(new TypeError(message))]).toEqual([true, true]);
  expect(isPartMissing(new Error('Unable to preload CSS for http://localhost/assets/a.css'))).toBe(true);
  for (const message of ['Failed to fetch', 'NetworkError when attempting to fetch resource.', 'Load failed'])
    expect([isPartMissing(new TypeError(message)), isUnreachable(new TypeError(message))]).toEqual([false, true]);
});

test('a mistake of ours is not tried again by itself', () => {
  expect(isUnreachable(new TypeError("Cannot read properties of undefined (reading 'id')"))).toBe(false);
  expect(isUnreachable(new Error('Failed to fetch'))).toBe(false);
});
