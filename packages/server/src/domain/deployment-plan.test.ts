import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { deploymentOptions, type DeploymentGates } from '@lovely/api';
import { gateWords, judgeGates, type GateFacts } from './deployment-gates.ts';
import { phasesOf, planDeployment, type PlanFacts } from './deployment-plan.ts';

const NOW_MS = Date.UTC(2026, 10, 23);
const phases = (given: object[]) => deploymentOptions.parse({ phases: given }).phases;
const facts = (over: Partial<PlanFacts> = {}): PlanFacts => ({
  state: 'running',
  startMs: null,
  endMs: null,
  isCollected: true,
  joins: false,
  phase: 0,
  phases: [],
  overMs: null,
  isPassed: false,
  parallelMax: 100,
  counts: { houses: 1000, skipped: 0, begun: 0, waiting: 1000, retrying: 0, active: 0, downloading: 0, away: 0 },
  figures: [],
  isDry: false,
  ...over,
});

test('phases go by count or percent, never backwards, and all that are left come after them', () => {
  expect(phasesOf(phases([{ count: 10 }, { percent: 1 }, { percent: 50 }]), 2000).map(({ end }) => end)).toEqual([
    10, 20, 1000, 2000,
  ]);
  expect(phasesOf(phases([{ count: 10 }, { percent: 1 }]), 100).map(({ end }) => end)).toEqual([10, 10, 100]);
  expect(phasesOf(phases([{ percent: 5 }, { percent: 100 }]), 100).map(({ end }) => end)).toEqual([5, 100]);
  expect(phasesOf([], 7).map(({ end }) => end)).toEqual([7]);
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.record({ count: fc.integer({ min: 1, max: 1e6 }) }),
          fc.record({ percent: fc.double({ min: 0.001, max: 100, noNaN: true }) }),
        ),
        { maxLength: 6 },
      ),
      fc.integer({ min: 0, max: 1_000_000 }),
      (given, houses) => {
        const ends = phasesOf(phases(given), houses).map(({ end }) => end);
        expect(ends.at(-1)).toBe(houses);
        expect(ends.every((end, at) => end >= (ends[at - 1] ?? 0) && end <= houses)).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});

test('it begins when its time has come, finds its houses first, and ends who has not begun when it is up', () => {
  expect(planDeployment(facts({ state: 'scheduled', startMs: NOW_MS + 1 }), NOW_MS)).toMatchObject({
    kind: 'wait',
    for: 'start',
    untilMs: NOW_MS + 1,
  });
  expect(planDeployment(facts({ state: 'scheduled', startMs: NOW_MS }), NOW_MS)).toEqual({ kind: 'start' });
  expect(planDeployment(facts({ isCollected: false }), NOW_MS)).toEqual({ kind: 'collect' });
  expect(planDeployment(facts({ endMs: NOW_MS }), NOW_MS)).toEqual({ kind: 'expire' });
  expect(planDeployment(facts({ endMs: NOW_MS, state: 'paused' }), NOW_MS)).toEqual({ kind: 'expire' });
});

test('between phases it pauses as long as it should, waits for a person, or goes on when one said so', () => {
  const counts = { houses: 1000, skipped: 0, begun: 10, waiting: 990, retrying: 0, active: 0, downloading: 0, away: 0 };
  const pausing = facts({ phases: phases([{ count: 10, pauseMs: 5000 }]), counts });
  expect(planDeployment(pausing, NOW_MS)).toEqual({ kind: 'over' });
  expect(planDeployment({ ...pausing, overMs: NOW_MS }, NOW_MS)).toMatchObject({
    for: 'pause',
    untilMs: NOW_MS + 5000,
  });
  expect(planDeployment({ ...pausing, overMs: NOW_MS - 5000 }, NOW_MS)).toEqual({ kind: 'advance', phase: 1 });
  expect(planDeployment({ ...pausing, overMs: NOW_MS, isPassed: true }, NOW_MS)).toEqual({ kind: 'advance', phase: 1 });
  const asking = facts({ phases: phases([{ count: 10, waitsForPerson: true }]), counts, overMs: NOW_MS - 1e9 });
  expect(planDeployment(asking, NOW_MS)).toMatchObject({ kind: 'wait', for: 'person' });
  // Houses that went away keep no phase open; those in the middle of it do.
  expect(planDeployment({ ...pausing, counts: { ...counts, active: 2, away: 2 } }, NOW_MS)).toEqual({ kind: 'over' });
  expect(planDeployment({ ...pausing, counts: { ...counts, active: 2, away: 1 } }, NOW_MS)).toMatchObject({
    kind: 'wait',
  });
});

test('it never begins more houses than there is room for, in the phase and for downloads', () => {
  const count = fc.integer({ min: 0, max: 2000 });
  fc.assert(
    fc.property(
      fc.record({ begun: count, waiting: count, retrying: count, active: count, downloading: count, away: count }),
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 1000 }),
      (some, parallelMax, end) => {
        const counts = { ...some, skipped: 0, houses: some.begun + some.waiting };
        const step = planDeployment(facts({ counts, parallelMax, phases: phases([{ count: end }]) }), NOW_MS);
        if (step.kind !== 'begin') return;
        expect(step.houses + counts.downloading).toBeLessThanOrEqual(parallelMax);
        if (step.first > 0) expect(counts.begun + step.first).toBeLessThanOrEqual(end);
        expect(step.first).toBeLessThanOrEqual(step.houses);
      },
    ),
    { numRuns: 300 },
  );
});

const gates: DeploymentGates = { failureMax: 0.05, alertsMax: 0.1, reconnectsMax: 1, minSample: 20 };
const seen: GateFacts = {
  through: 100,
  failed: 5,
  updated: 95,
  updatedWithAlert: 0,
  updatedReconnects: 0,
  rest: 900,
  restWithAlert: 0,
  restReconnects: 0,
  isPhaseOver: false,
};
const stateOf = (over: Partial<GateFacts>, gate: 'failures' | 'alerts' | 'reconnects') =>
  judgeGates(gates, { ...seen, ...over }).find((figure) => figure.gate === gate)!.state;

test('a gate closes beyond its limit, and not by a few houses, but at the end of a phase', () => {
  expect(stateOf({}, 'failures')).toBe('ok');
  expect(stateOf({ failed: 6 }, 'failures')).toBe('exceeded');
  expect(stateOf({ through: 19, failed: 19 }, 'failures')).toBe('too-few');
  expect(stateOf({ through: 1, failed: 1, isPhaseOver: true }, 'failures')).toBe('exceeded');
  expect(stateOf({ through: 0, failed: 0, isPhaseOver: true }, 'failures')).toBe('too-few');
  expect(judgeGates(null, seen).map(({ state }) => state)).toEqual(['off', 'off', 'off']);
});

test('alerts and reconnects count beyond what the rest of the fleet has in the same time', () => {
  expect(stateOf({ updatedWithAlert: 19 }, 'alerts')).toBe('exceeded');
  // A storm hits everybody.
  expect(stateOf({ updatedWithAlert: 19, restWithAlert: 180 }, 'alerts')).toBe('ok');
  expect(stateOf({ updatedReconnects: 300 }, 'reconnects')).toBe('exceeded');
  expect(stateOf({ updatedReconnects: 300, restReconnects: 2700 }, 'reconnects')).toBe('ok');
});

test('why it paused is said in words', () => {
  const [failures] = judgeGates(gates, { ...seen, failed: 12 });
  expect(gateWords(failures!)).toBe('12 % of 100 houses failed.');
});
