import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { createEpochs } from './epoch.ts';

const NOW_MS = Date.UTC(2026, 10, 22);
const DAY_MS = 24 * 3600 * 1000;

test('epochs rise with every call, within one millisecond and when the clock goes back', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }), (steps) => {
      let nowMs = NOW_MS;
      const epochs = createEpochs(() => nowMs);
      let last = epochs.next();
      for (const step of steps) {
        nowMs += step;
        const next = epochs.next();
        expect(next).toBeGreaterThan(last);
        last = next;
      }
    }),
  );
});

test('an epoch is from the clock, so that it is newer than those of another hub a moment before', () => {
  const before = createEpochs(() => NOW_MS);
  for (let count = 0; count < 1000; count++) before.next();
  expect(createEpochs(() => NOW_MS + 1).next()).toBeGreaterThan(before.next());
});

test('an epoch is a safe integer for two hundred years', () => {
  expect(Number.isSafeInteger(createEpochs(() => Date.UTC(2247, 0, 1)).next())).toBe(true);
});

test('a device that has seen a later epoch gets one above it, and moves nobody else into the future', () => {
  const epochs = createEpochs(() => NOW_MS);
  const seen = epochs.next() + 5_000_000;
  expect(epochs.after(seen)).toBe(seen + 1);
  expect(epochs.next()).toBeLessThan(seen);
});

test('an epoch more than a day ahead of the clock is not believed', () => {
  const epochs = createEpochs(() => NOW_MS);
  const far = createEpochs(() => NOW_MS + DAY_MS + 1).next();
  expect(epochs.after(far)).toBeUndefined();
  expect(epochs.next()).toBeLessThan(far);
});

test("an epoch is later than every one that another hub's clock has made, within reason", () => {
  const epochs = createEpochs(() => NOW_MS);
  const other = epochs.next() + 5_000_000;
  epochs.observe(other);
  expect(epochs.next()).toBeGreaterThan(other);
  epochs.observe(Number.MAX_SAFE_INTEGER);
  expect(epochs.next()).toBeLessThan(other + 10);
});
