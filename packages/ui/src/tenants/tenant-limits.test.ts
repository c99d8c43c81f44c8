import { expect, test } from 'bun:test';
import { draftOf, limitsOf, NO_LIMITS } from './tenant-limits.ts';

test('an empty field is no limit', () => {
  const limits = { devices: null, messagesPerSecond: null, storageBytes: null };
  expect(limitsOf(NO_LIMITS)).toEqual(limits);
  expect(draftOf(limits)).toEqual(NO_LIMITS);
});

test('limits come back as they were typed', () => {
  const draft = { devices: '5000', messagesPerSecond: '200', storageGib: '1.5' };
  expect(limitsOf(draft).storageBytes).toBe(1.5 * 1024 ** 3);
  expect(draftOf(limitsOf(draft))).toEqual(draft);
});
