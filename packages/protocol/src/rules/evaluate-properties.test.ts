/** The evaluation beside models that are too simple to be wrong. */
import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { DeviceRule, DeviceWatch } from '../messages/alert-rules.ts';
import { evaluate, NO_STATE } from './evaluate.ts';
import type { Facts } from './facts.ts';

const RUNS = 300;

interface Step {
  readonly value: number;
  readonly afterMs: number;
}
const steps = fc.array(
  fc.record({ value: fc.integer({ min: 0, max: 10 }), afterMs: fc.integer({ min: 1, max: 40 }) }),
  { maxLength: 60 },
);

const ruleOf = (watch: DeviceWatch): DeviceRule => ({
  key: 'rule',
  version: 1,
  severity: 'warning',
  description: '',
  of: { kind: 'gateway' },
  watch,
});

/** Whether the alert is open after each step. */
function isOpenAfter(watch: DeviceWatch, told: readonly Step[], evaluateOnlyWhenDue = false): boolean[] {
  let state = NO_STATE;
  let nowMs = 0;
  let changes = 0;
  let dueMs = Infinity;
  let before: number | undefined;
  let facts: Facts = { sources: new Map(), targets: new Map(), events: [] };
  const result: boolean[] = [];
  const look = (atMs: number): void => {
    const evaluated = evaluate(state, [ruleOf(watch)], facts, atMs, 10);
    for (const change of evaluated.changes) expect(change.kind === 'raise').toBe(!state.open.has('rule\0'));
    expect(evaluated.dueMs).toBeGreaterThan(atMs);
    ({ state, dueMs } = evaluated);
  };
  const goTo = (untilMs: number): void => {
    for (let atMs = dueMs; atMs < untilMs; atMs = dueMs) look(atMs);
  };
  for (const { value, afterMs } of told) {
    const untilMs = nowMs + afterMs;
    // Between two values nothing but the clock changes: looking at every moment, or only when it is due, is the same.
    if (evaluateOnlyWhenDue) goTo(untilMs);
    else for (let atMs = nowMs + 1; atMs < untilMs && facts.sources.size > 0; atMs++) look(atMs);
    nowMs = untilMs;
    if (before !== undefined && before !== value) changes++;
    before = value;
    const readings = new Map([['m', { value, atMs: nowMs, changes }]]);
    facts = { ...facts, sources: new Map([['', { kind: '', model: '', name: '', readings }]]) };
    look(nowMs);
    result.push(state.open.size > 0);
  }
  return result;
}

const threshold = fc
  .record({ raiseAt: fc.integer({ min: 1, max: 10 }), gap: fc.nat(5), forMs: fc.nat(60), isAbove: fc.boolean() })
  .map(({ raiseAt, gap, forMs, isAbove }): Extract<DeviceWatch, { kind: 'threshold' }> => ({
    kind: 'threshold',
    metric: 'm',
    direction: isAbove ? 'above' : 'below',
    raiseAt,
    clearAt: isAbove ? raiseAt - gap : raiseAt + gap,
    forMs,
  }));
const counted = fc.record({
  times: fc.integer({ min: 1, max: 4 }),
  windowMs: fc.integer({ min: 1, max: 100 }),
  quietMs: fc.integer({ min: 1, max: 100 }),
});
const anyWatch: fc.Arbitrary<DeviceWatch> = fc.oneof(
  threshold,
  counted.map(({ times, windowMs, quietMs }): DeviceWatch => ({
    kind: 'flapping',
    metric: 'm',
    changes: times,
    windowMs,
    quietMs,
  })),
  fc.integer({ min: 1, max: 60 }).map((forMs): DeviceWatch => ({ kind: 'absence', metric: 'm', forMs })),
);

test('looking only when it is due finds what looking all the time finds', () => {
  fc.assert(
    fc.property(anyWatch, steps, (watch, told) => {
      expect(isOpenAfter(watch, told, true)).toEqual(isOpenAfter(watch, told));
    }),
    { numRuns: RUNS },
  );
});

test('a threshold is open as its definition says', () => {
  fc.assert(
    fc.property(threshold, steps, (watch, told) => {
      const sign = watch.direction === 'above' ? 1 : -1;
      let nowMs = 0;
      let sinceMs: number | undefined;
      let isOpen = false;
      const wanted = told.map(({ value, afterMs }) => {
        // What was bad until now may have been so for long enough in between.
        if (sinceMs !== undefined && nowMs + afterMs - 1 - sinceMs >= watch.forMs) isOpen = true;
        nowMs += afterMs;
        if (value * sign < watch.raiseAt * sign) sinceMs = undefined;
        else sinceMs ??= nowMs;
        if (sinceMs !== undefined && nowMs - sinceMs >= watch.forMs) isOpen = true;
        if (value * sign <= watch.clearAt * sign && sinceMs === undefined) isOpen = false;
        return isOpen;
      });
      expect(isOpenAfter(watch, told)).toEqual(wanted);
    }),
    { numRuns: RUNS },
  );
});

test('flapping is open as its definition says', () => {
  fc.assert(
    fc.property(counted, steps, ({ times, windowMs, quietMs }, told) => {
      let nowMs = 0;
      let before: number | undefined;
      let changed: number[] = [];
      let isOpen = false;
      const wanted = told.map(({ value, afterMs }) => {
        const last = changed.at(-1);
        nowMs += afterMs;
        const isChange = before !== undefined && before !== value;
        before = value;
        // Quiet for long enough ends it and starts the counting afresh.
        if (last !== undefined && (isChange ? nowMs - 1 : nowMs) - last >= quietMs) {
          isOpen = false;
          changed = [];
        }
        if (isChange) changed.push(nowMs);
        if (changed.length >= times && nowMs - changed.at(-times)! <= windowMs) isOpen = true;
        return isOpen;
      });
      expect(isOpenAfter({ kind: 'flapping', metric: 'm', changes: times, windowMs, quietMs }, told)).toEqual(wanted);
    }),
    { numRuns: RUNS },
  );
});

test('absence is open as its definition says', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), steps, (forMs, told) => {
      // Each step tells a value: right then nothing is absent.
      expect(isOpenAfter({ kind: 'absence', metric: 'm', forMs }, told)).toEqual(told.map(() => false));
    }),
    { numRuns: 50 },
  );
});
