import { describe, expect, test } from 'bun:test';
import { FIX_LOST_MS, FIX_RESEND_MS, FIX_SENDS_MAX } from '../limits.ts';
import { planRun, type RunFacts, type RunStep } from './fix-run.ts';

const NOW = 1_000_000;
const waiting: RunFacts = {
  state: 'waiting',
  step: 0,
  steps: 2,
  timeoutMs: 60_000,
  sends: 0,
  sentMs: null,
  sentEpoch: null,
  stepStartedMs: null,
  done: null,
  isCancelled: false,
  expiresMs: NOW + 3600_000,
  checkMs: 30_000,
  checkUntilMs: null,
  connection: { epoch: 7, sinceMs: NOW - 60_000 },
  alert: 'open',
  isBusy: false,
};
const running: RunFacts = { ...waiting, state: 'running', sends: 1, sentMs: NOW - 100, sentEpoch: 7 };
const checking: RunFacts = { ...running, state: 'checking', checkUntilMs: NOW + 30_000 };
const good = { outcome: 'exited', exit: 0, refusal: null, reason: '' } as const;

describe('the next step of', () => {
  test.each<[string, RunFacts, Partial<RunStep>]>([
    ['one whose house is there', waiting, { kind: 'begin' }],
    ['one whose house is away', { ...waiting, connection: null }, { kind: 'wait', lookMs: waiting.expiresMs }],
    ['one whose house runs another', { ...waiting, isBusy: true }, { kind: 'wait' }],
    [
      'one that waited for too long',
      { ...waiting, connection: null, expiresMs: NOW },
      { kind: 'end', code: 'expired' },
    ],
    ['one whose problem is over', { ...waiting, alert: 'closed' }, { kind: 'end', state: 'cancelled' }],
    ['one called off in time', { ...waiting, isCancelled: true }, { kind: 'end', state: 'cancelled' }],
    ['one that was just sent', running, { kind: 'wait', lookMs: running.sentMs! + FIX_RESEND_MS }],
    ['one without an answer', { ...running, sentMs: NOW - FIX_RESEND_MS }, { kind: 'send' }],
    ['one on a new connection', { ...running, sentEpoch: 6 }, { kind: 'send' }],
    [
      'one without any answer',
      { ...running, sentMs: NOW - FIX_RESEND_MS, sends: FIX_SENDS_MAX },
      { kind: 'end', state: 'failed', code: 'no-answer' },
    ],
    [
      'one that began, then the house came back',
      { ...running, stepStartedMs: NOW - 9, sentEpoch: 6 },
      { kind: 'send' },
    ],
    ['one called off while it runs', { ...running, isCancelled: true, sentEpoch: 6 }, { kind: 'cancel' }],
    ['one whose action ended well', { ...running, done: good }, { kind: 'next' }],
    ['one whose last action ended well', { ...running, step: 1, done: good }, { kind: 'check', untilMs: NOW + 30_000 }],
    ['one that failed', { ...running, done: { ...good, exit: 2 } }, { kind: 'end', state: 'failed', code: 'exit' }],
    [
      'one that was refused',
      { ...running, done: { outcome: 'refused', exit: null, refusal: 'not-allowed', reason: 'No.' } },
      { kind: 'end', state: 'refused', code: 'not-allowed', reason: 'No.' },
    ],
    [
      'one whose house never came back',
      { ...running, connection: null, sentMs: NOW - 60_000 - FIX_LOST_MS },
      { kind: 'end', state: 'failed', code: 'lost' },
    ],
    ['one that helped', { ...checking, alert: 'closed' }, { kind: 'end', state: 'helped' }],
    ['one that did not', { ...checking, checkUntilMs: NOW }, { kind: 'end', state: 'not-helped' }],
    ['one whose alert a person closed', { ...checking, alert: 'closed-by-hand' }, { kind: 'end', state: 'cancelled' }],
    ['one whose house rebooted', { ...checking, checkUntilMs: NOW, connection: null }, { kind: 'wait' }],
    [
      'one whose house is back from it',
      { ...checking, checkUntilMs: NOW, connection: { epoch: 8, sinceMs: NOW - 1 } },
      { kind: 'wait', lookMs: NOW - 1 + 30_000 },
    ],
  ])('%s', (_, facts, step) => {
    expect(planRun(facts, NOW)).toMatchObject(step);
  });
});

/** A small fast generator (mulberry32): a failure is a seed that can be tried again. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One run with a house that loses frames, connections and its client, until it ends. */
function live(seed: number): { end: Extract<RunStep, { kind: 'end' }>; began: number[]; steps: number } {
  const random = randomOf(seed);
  const chance = (share: number): boolean => random() < share;
  const loss = random() * 0.5;
  let nowMs = NOW;
  let facts: RunFacts = { ...waiting, steps: 1 + Math.floor(random() * 3), expiresMs: NOW + 600_000 };
  /** How often the house has begun each action; it remembers them. */
  const began: number[] = [];
  let underWay: { step: number; untilMs: number } | undefined;
  const told = (): void => {
    if (!chance(loss)) facts = { ...facts, stepStartedMs: facts.stepStartedMs ?? nowMs };
  };
  for (let turn = 0; turn < 20_000; turn++) {
    const step = planRun(facts, nowMs);
    if (step.kind === 'end') return { end: step, began, steps: facts.steps };
    const sent = { sends: facts.sends + 1, sentMs: nowMs, sentEpoch: facts.connection?.epoch ?? null };
    if (step.kind === 'begin') facts = { ...facts, state: 'running', ...sent };
    if (step.kind === 'send') facts = { ...facts, ...sent };
    if (step.kind === 'cancel') facts = { ...facts, ...sent, sends: facts.sends };
    if (step.kind === 'next')
      facts = { ...facts, step: facts.step + 1, stepStartedMs: null, done: null, ...sent, sends: 1 };
    if (step.kind === 'check') facts = { ...facts, state: 'checking', checkUntilMs: step.untilMs };
    // A crash of the worker between writing and sending is a frame that was lost.
    const arrives = facts.connection !== null && !chance(loss);
    if (arrives && (step.kind === 'begin' || step.kind === 'send' || step.kind === 'next')) {
      if (began[facts.step] === undefined) {
        began[facts.step] = 1;
        underWay = { step: facts.step, untilMs: nowMs + random() * facts.timeoutMs };
      }
      told();
    }
    if (arrives && step.kind === 'cancel') facts = { ...facts, done: { ...good, outcome: 'cancelled', exit: null } };
    nowMs += 250 + random() * 4_000;
    // Its end is kept on the house until it is stored.
    if (underWay && nowMs >= underWay.untilMs && facts.connection && !chance(loss) && facts.step === underWay.step) {
      facts = { ...facts, done: facts.done ?? (chance(0.9) ? good : { ...good, exit: 1 }) };
      underWay = undefined;
    }
    if (facts.connection && chance(0.02)) facts = { ...facts, connection: null };
    else if (!facts.connection && chance(0.2)) facts = { ...facts, connection: { epoch: turn + 8, sinceMs: nowMs } };
    if (chance(0.002)) facts = { ...facts, isCancelled: true };
    if (chance(0.01)) facts = { ...facts, alert: chance(0.9) ? 'closed' : 'closed-by-hand' };
  }
  throw new Error(`the run of seed ${seed} never ends`);
}

test('whatever is lost or killed, every run ends, in order, and says why', () => {
  const states = new Set<string>();
  for (let seed = 1; seed <= 3_000; seed++) {
    const { end, began, steps } = live(seed);
    states.add(end.state);
    expect([seed, end.reason.length > 0]).toEqual([seed, true]);
    // One action after the other, none left out, and none twice.
    expect([seed, began]).toEqual([seed, Array.from(began, () => 1)]);
    if (end.state === 'helped' || end.state === 'not-helped') expect([seed, began.length]).toEqual([seed, steps]);
  }
  expect([...states].toSorted()).toEqual(['cancelled', 'failed', 'helped', 'not-helped']);
});
