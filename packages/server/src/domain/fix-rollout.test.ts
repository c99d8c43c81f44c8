import { describe, expect, test } from 'bun:test';
import { phasesOf, planRollout, type RolloutFacts, type RolloutStep } from './fix-rollout.ts';

const trial: RolloutFacts = {
  state: 'trial',
  phase: 0,
  phases: [1, 10, 50, 200],
  parallelMax: 20,
  minSuccess: 0.6,
  started: 0,
  active: 0,
  away: 0,
  tried: 0,
  helped: 0,
};
const running: RolloutFacts = { ...trial, state: 'running', phase: 1, started: 1, tried: 1, helped: 1 };

test.each([
  [0, []],
  [1, [1]],
  [2, [1, 2]],
  [50, [1, 3, 13, 50]],
  [5000, [1, 250, 1250, 5000]],
])('%d houses have their turn in phases', (houses, phases) => {
  expect(phasesOf(houses)).toEqual(phases);
});

describe('the next step of', () => {
  test.each<[string, RolloutFacts, Partial<RolloutStep>]>([
    ['a new one', trial, { kind: 'start', houses: 1 }],
    ['one whose trial runs', { ...trial, started: 1, active: 1 }, { kind: 'wait' }],
    ['one whose trial helped', { ...trial, started: 1, tried: 1, helped: 1 }, { kind: 'advance' }],
    ['one whose trial did not help', { ...trial, started: 1, tried: 1 }, { kind: 'stop' }],
    ['one whose trial could not be made', { ...trial, started: 1 }, { kind: 'start', houses: 1 }],
    ['one whose trial is away', { ...trial, started: 1, away: 1 }, { kind: 'start', houses: 1 }],
    ['one with a phase to begin', running, { kind: 'start', houses: 9 }],
    ['one with a phase under way', { ...running, started: 10, active: 9 }, { kind: 'wait' }],
    ['one with a phase that is over', { ...running, started: 10, tried: 10, helped: 9 }, { kind: 'advance' }],
    ['one that does not help', { ...running, started: 10, active: 4, tried: 6, helped: 2 }, { kind: 'stop' }],
    [
      'one with too few results to say so',
      { ...running, started: 10, active: 7, tried: 3, helped: 1 },
      { kind: 'wait' },
    ],
    [
      'one with much to do',
      { ...running, phase: 3, started: 50, active: 15, tried: 35, helped: 30 },
      { kind: 'start', houses: 5 },
    ],
    ['one at its end', { ...running, phase: 3, started: 200, tried: 190, helped: 180 }, { kind: 'finish' }],
    [
      'one that waits for houses',
      { ...running, phase: 3, started: 200, away: 3, tried: 190, helped: 180 },
      { kind: 'wait' },
    ],
  ])('%s', (_, facts, step) => {
    expect(planRollout(facts)).toMatchObject(step);
  });
});

/** Lives through a rollout on houses of which a share is helped; returns what it came to. */
function live(houses: number, share: number, parallelMax: number, random: () => number) {
  let facts: RolloutFacts = { ...trial, phases: phasesOf(houses), parallelMax };
  let mostActive = 0;
  for (let turn = 0; turn < 100_000; turn++) {
    const step = planRollout(facts);
    if (step.kind === 'stop' || step.kind === 'finish') return { step, facts, mostActive };
    if (step.kind === 'advance') facts = { ...facts, state: 'running', phase: step.phase };
    if (step.kind === 'start')
      facts = { ...facts, started: facts.started + step.houses, active: facts.active + step.houses };
    mostActive = Math.max(mostActive, facts.active);
    // Only what was let out may be under way.
    expect(facts.started).toBeLessThanOrEqual(facts.phases[facts.phase] ?? houses);
    if (facts.active === 0 || step.kind !== 'wait') continue;
    facts = {
      ...facts,
      active: facts.active - 1,
      tried: facts.tried + 1,
      helped: facts.helped + (random() < share ? 1 : 0),
    };
  }
  throw new Error('the rollout never ends');
}

test('a fix that helps comes to every house, never to more at once than allowed', () => {
  for (const houses of [1, 2, 5, 50, 777]) {
    const { step, facts, mostActive } = live(houses, 1, 20, () => 0);
    expect([houses, step.kind, facts.started, facts.helped]).toEqual([houses, 'finish', houses, houses]);
    expect(mostActive).toBeLessThanOrEqual(20);
  }
});

test('a fix that does not help touches one house, and one that seldom does a few', () => {
  expect(live(5000, 0, 50, () => 0.5).facts.started).toBe(1);
  // The first house is lucky.
  let turn = 0;
  const { step, facts } = live(5000, 0.3, 50, () => (turn++ === 0 ? 0 : 0.9));
  expect(step.kind).toBe('stop');
  expect(facts.started).toBeLessThanOrEqual(60);
});
