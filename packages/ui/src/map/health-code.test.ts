import { expect, test } from 'bun:test';
import { SHARE_COLOURS, troubleShare } from './health-code.ts';

test('a house that is down weighs as much as four with a warning', () => {
  expect(troubleShare({ n: 10, w: 0, b: 1 })).toBe(troubleShare({ n: 10, w: 4, b: 0 }));
});

test('a place without houses has no trouble', () => {
  expect(troubleShare({ n: 0, w: 0, b: 0 })).toBe(0);
});

test('one in thirty is quiet, one in two is red, and warnings alone never are', () => {
  const toneAt = (share: number): string | undefined => SHARE_COLOURS.findLast((colour) => colour.share <= share)?.tone;
  expect(toneAt(troubleShare({ n: 30, w: 0, b: 1 }))).toBe('ok');
  expect(toneAt(troubleShare({ n: 2, w: 0, b: 1 }))).toBe('bad');
  expect(toneAt(troubleShare({ n: 9, w: 9, b: 0 }))).toBe('warning');
});

test('the shares of the colours rise', () => {
  const shares = SHARE_COLOURS.map(({ share }) => share);
  expect(shares).toEqual([...shares].sort((one, other) => one - other));
});
