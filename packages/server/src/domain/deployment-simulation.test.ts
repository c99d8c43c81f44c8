/** A bad build on a large fleet: it must be stopped by itself before it has reached one house in a hundred. */
import { expect, test } from 'bun:test';
import { deploymentOptions } from '@lovely/api';
import { TestRollout } from './test-rollout.ts';

const FLEET = 100_000;
const STEP_MS = 60_000;
const DAY_MS = 24 * 3600_000;

function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Build {
  /** Of houses on which it fails and says so, and of those that it leaves without a word. */
  readonly failing: number;
  readonly crashing: number;
}

/** Gateways that download, install and restart, each at its own pace; some are away now and then. */
function roll(rollout: TestRollout, { failing, crashing }: Build, random: () => number, untilMs: number): void {
  const due = new Map<number, (() => void)[]>();
  let heard = 0;
  const later = (minutes: number, deed: () => void): void => {
    const ms = rollout.nowMs + STEP_MS * Math.max(1, Math.round(minutes));
    due.set(ms, [...(due.get(ms) ?? []), deed]);
  };
  const took = new Set<string>();
  while (rollout.nowMs < untilMs && rollout.state !== 'finished' && rollout.pausedBy !== 'gate') {
    rollout.carryOn();
    for (; heard < rollout.tellings.length; heard++) {
      const { kind, at, attempt } = rollout.tellings[heard]!;
      if (kind !== 'offer' || took.has(`${at} ${attempt}`)) continue;
      took.add(`${at} ${attempt}`);
      const fate = random();
      rollout.say(at, { attempt, state: 'downloading' });
      later(1 + random() * 5, () => {
        rollout.say(at, { attempt, state: 'installing' });
        later(1 + random() * 3, () => {
          if (fate < crashing) return rollout.connect(at, false);
          if (fate < crashing + failing) return rollout.say(at, { attempt, state: 'failure' });
          rollout.say(at, { attempt, state: 'rebooting' });
          rollout.connect(at, false);
          later(2 + random() * 5, () => {
            rollout.connect(at, true);
            rollout.say(at, { attempt, state: 'success' });
          });
        });
      });
    }
    rollout.nowMs += STEP_MS;
    for (const deed of due.get(rollout.nowMs) ?? []) deed();
    due.delete(rollout.nowMs);
  }
}

const OPTIONS = deploymentOptions.parse({
  phases: [{ percent: 0.1 }, { percent: 0.5 }, { percent: 5 }, { percent: 25 }],
  gates: { failureMax: 0.02, minSample: 20 },
});

for (const seed of [1, 2, 3, 4])
  test(`a build that crashes one house in twenty is stopped before it has reached one in a hundred (seed ${seed})`, () => {
    const random = seeded(seed);
    const rollout = new TestRollout(FLEET, OPTIONS, Date.UTC(2026, 10, 23), random);
    roll(rollout, { failing: 0.02, crashing: 0.03 }, random, Date.UTC(2026, 10, 23) + 5 * DAY_MS);
    expect(rollout).toMatchObject({ state: 'paused', pausedBy: 'gate' });
    expect(rollout.begun).toBeGreaterThan(0);
    expect(rollout.begun / FLEET).toBeLessThan(0.01);
  }, 20_000);

test('a build that only ever kills is stopped too: houses that went away count', () => {
  const random = seeded(7);
  const rollout = new TestRollout(FLEET, OPTIONS, Date.UTC(2026, 10, 23), random);
  roll(rollout, { failing: 0, crashing: 0.05 }, random, Date.UTC(2026, 10, 23) + 5 * DAY_MS);
  expect(rollout).toMatchObject({ state: 'paused', pausedBy: 'gate' });
  expect(rollout.begun / FLEET).toBeLessThan(0.01);
}, 20_000);

test('a good build, with a failure here and there, reaches everybody', () => {
  const random = seeded(9);
  const rollout = new TestRollout(10_000, OPTIONS, Date.UTC(2026, 10, 23), random);
  roll(rollout, { failing: 0.001, crashing: 0 }, random, Date.UTC(2026, 10, 23) + 5 * DAY_MS);
  expect(rollout.state).toBe('finished');
  expect(rollout.houses.every(({ finishedMs }) => finishedMs !== null)).toBe(true);
}, 20_000);
