/** Random lives of deployments: reports, repetitions, losses, returns and people's wishes in any order keep what is promised. */
import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { deploymentOptions, type DeploymentOptions } from '@lovely/api';
import type { UpdateState } from '@lovely/protocol';
import { isActive, type House } from './deployment-house.ts';
import { phasesOf } from './deployment-plan.ts';
import { windowAt } from './maintenance-window.ts';
import { TestRollout } from './test-rollout.ts';

const HOUSES = 12;
const START_MS = Date.UTC(2026, 10, 23, 12);

type Event =
  | { readonly kind: 'turn'; readonly minutes: number }
  | {
      readonly kind: 'say';
      readonly at: number;
      readonly state: UpdateState | '';
      readonly substate: string;
      readonly old: boolean;
    }
  | { readonly kind: 'repeat' }
  | { readonly kind: 'connect'; readonly at: number; readonly isConnected: boolean }
  | { readonly kind: 'pause' | 'go-on' | 'abort' };

const house = fc.integer({ min: 0, max: HOUSES - 1 });
const states = fc.constantFrom<UpdateState | ''>(
  'downloading',
  'downloading',
  'installing',
  'rebooting',
  'pause_before_installing',
  'success',
  'success',
  'failure',
  'already-installed',
  '',
);
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('turn' as const), minutes: fc.integer({ min: 0, max: 90 }) }) },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('say' as const),
      at: house,
      state: states,
      substate: fc.constantFrom('', '', '', 'Executing script: ArtifactRollback_Enter_00'),
      old: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'repeat' as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('connect' as const), at: house, isConnected: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('pause' as const, 'go-on' as const, 'go-on' as const) }) },
);

const phase = fc.record({
  count: fc.integer({ min: 1, max: HOUSES }),
  pauseMs: fc.constantFrom(0, 0, 600_000),
  waitsForPerson: fc.boolean(),
});
const options: fc.Arbitrary<DeploymentOptions> = fc
  .record({
    phases: fc.array(phase, { maxLength: 3 }),
    gates: fc.constantFrom(null, { failureMax: 0.3, minSample: 3 }),
    parallelMax: fc.integer({ min: 1, max: 5 }),
    retries: fc.integer({ min: 0, max: 2 }),
    pauseBefore: fc.constantFrom([], ['install' as const]),
    window: fc.constantFrom(null, null, { from: '20:00', to: '04:00', zone: 'UTC' }),
  })
  .map((given) => deploymentOptions.parse(given));

/** One life, and what must be true in every moment of it. */
class Life {
  readonly rollout: TestRollout;
  /** Houses that began although their turn was taken back: the server can't keep them from it. */
  readonly regained = new Set<number>();
  readonly #finals = new Map<number, House>();
  #last: (() => void) | undefined;
  #passes = 0;

  constructor(given: DeploymentOptions) {
    let seed = 1;
    this.rollout = new TestRollout(
      HOUSES,
      given,
      START_MS,
      () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647,
    );
  }

  live(one: Event): void {
    const { rollout } = this;
    switch (one.kind) {
      case 'turn': {
        rollout.nowMs += one.minutes * 60_000;
        this.turn();
        break;
      }
      case 'say':
        this.say(one.at, one.state, one.substate, one.old);
        break;
      case 'repeat':
        this.#last?.();
        break;
      case 'connect':
        rollout.connect(one.at, one.isConnected);
        break;
      case 'pause':
        rollout.pause();
        break;
      case 'go-on':
        this.#passes++;
        rollout.goOn();
        break;
      case 'abort':
        rollout.abort();
    }
    this.check();
  }

  turn(): void {
    const { rollout } = this;
    const before = [...rollout.houses];
    const phaseBefore = rollout.phase;
    const stepsBefore = rollout.steps.length;
    const passesBefore = this.#passes;
    rollout.carryOn();
    const { window, phases } = rollout.options;
    const isOpen = window === null || windowAt(window, 'UTC', rollout.nowMs).isOpen;
    const granted = rollout.houses.filter((now, at) => isActive(now) && !isActive(before[at]!));
    if (!isOpen || rollout.state === 'aborted') expect(granted).toEqual([]);
    for (const now of granted) expect(rollout.gateways[Number(now.deviceId)]!.isConnected).toBe(true);
    // From phase to phase: only when all of it are through or gone, and a person has said so where one is asked.
    const steps = rollout.steps.slice(stepsBefore);
    if (rollout.phase > phaseBefore) {
      expect(steps.some(({ kind }) => kind === 'advance')).toBe(true);
      for (let at = phaseBefore; at < rollout.phase; at++) {
        const isEmpty = at > 0 && this.ends()[at]! <= this.ends()[at - 1]!;
        if (phases[at]?.waitsForPerson && !isEmpty) expect(passesBefore).toBeGreaterThan(0);
      }
    }
  }

  ends(): number[] {
    const { houses, skipped } = this.rollout.planCounts();
    return phasesOf(this.rollout.options.phases, houses - skipped).map(({ end }) => end);
  }

  say(at: number, state: UpdateState | '', substate: string, isOld: boolean): void {
    const { rollout } = this;
    const before = rollout.houses[at]!;
    const atMs = rollout.nowMs - (isOld ? 120_000 : 0);
    const word = { attempt: before.attempt, state, substate, atMs };
    const again = (): void => {
      const was = rollout.houses[at]!;
      rollout.say(at, word);
      if (!isActive(was) && isActive(rollout.houses[at]!)) this.regained.add(at);
    };
    again();
    const once = rollout.houses[at]!;
    again();
    // Said twice is said once.
    expect({ ...rollout.houses[at]!, lookMs: null }).toEqual({ ...once, lookMs: null });
    this.#last = again;
  }

  check(): void {
    const { rollout } = this;
    const { options: given, houses } = rollout;
    const counts = rollout.planCounts();
    const downloading = houses.filter(
      (one, at) => isActive(one) && (one.state === 'pending' || one.state === 'downloading') && !this.regained.has(at),
    );
    expect(downloading.length).toBeLessThanOrEqual(given.parallelMax);
    // Counters are what the rows are.
    expect(counts.begun).toBe(houses.filter((one) => one.phase !== null).length);
    expect(counts.active).toBe(houses.filter(isActive).length);
    const end = this.ends()[rollout.phase] ?? HOUSES;
    expect(counts.begun - this.regained.size).toBeLessThanOrEqual(end);
    for (const [at, one] of houses.entries()) {
      const final = this.#finals.get(at);
      // A house that was given up may be heard of after all; else nothing follows an end.
      if (final && final.causeCode !== 'lost')
        expect({ state: one.state, finishedMs: one.finishedMs }).toEqual({
          state: final.state,
          finishedMs: final.finishedMs,
        });
      if (one.finishedMs !== null) this.#finals.set(at, one);
      if (isActive(one)) expect(one.grantedMs).not.toBeNull();
    }
    if (rollout.state === 'aborted' || rollout.state === 'finished')
      expect(houses.filter(({ finishedMs }) => finishedMs === null)).toEqual([]);
  }

  /** Everything gets well: then it must come to an end by itself. */
  drain(): void {
    const { rollout } = this;
    for (let turn = 0; turn < 400 && rollout.state !== 'finished' && rollout.state !== 'aborted'; turn++) {
      rollout.nowMs += 1_800_000;
      for (let at = 0; at < HOUSES; at++) rollout.connect(at, true);
      this.#passes++;
      rollout.goOn();
      this.turn();
      for (const [at, one] of rollout.houses.entries())
        if (isActive(one)) rollout.say(at, { attempt: one.attempt, state: 'success' });
      this.check();
    }
    expect(['finished', 'aborted']).toContain(rollout.state);
  }
}

test('whatever happens in whatever order, what is promised holds, and it comes to an end', () => {
  fc.assert(
    fc.property(options, fc.array(event, { maxLength: 60 }), (given, events) => {
      const life = new Life(given);
      for (const one of events) life.live(one);
      life.drain();
    }),
    { numRuns: 60 },
  );
}, 30_000);

test('an abort at any moment ends every house, and nobody is offered anything after it', () => {
  fc.assert(
    fc.property(options, fc.array(event, { maxLength: 30 }), (given, events) => {
      const life = new Life(given);
      for (const one of events) life.live(one);
      life.live({ kind: 'abort' });
      const { tellings } = life.rollout;
      const before = tellings.length;
      for (const one of events) if (one.kind !== 'pause' && one.kind !== 'go-on') life.live(one);
      expect(tellings.slice(before).every(({ kind }) => kind === 'abort')).toBe(true);
    }),
    { numRuns: 40 },
  );
}, 30_000);
