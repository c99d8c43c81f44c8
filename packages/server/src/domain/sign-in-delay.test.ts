import { expect, test } from 'bun:test';
import { SIGN_IN_FORGET_SECONDS, SIGN_IN_FREE_FAILURES, SIGN_IN_FREE_FAILURES_EVERYWHERE } from '../limits.ts';
import { beginTry, endWell, takeBack, type SignInCount } from './sign-in-delay.ts';

const NONE: SignInCount = { failures: 0, failedAtMs: null, refusedUntilMs: null, provedAtMs: null };
const START_MS = Date.UTC(2026, 0, 1);

/** One who guesses as soon as allowed, and the waits between. */
function guess(tries: number): { here: SignInCount; everywhere: SignInCount; nowMs: number; waits: number[] } {
  let [here, everywhere, nowMs] = [NONE, NONE, START_MS];
  const waits: number[] = [];
  for (let done = 0; done < tries;) {
    const decision = beginTry(here, everywhere, nowMs);
    if (decision.kind === 'refuse') {
      waits.push(decision.seconds);
      nowMs += decision.seconds * 1000;
    } else {
      ({ here, everywhere } = decision);
      done++;
    }
  }
  return { here, everywhere, nowMs, waits };
}

test('some tries are free, then each costs twice the wait of the one before, up to a quarter of an hour', () => {
  expect(guess(SIGN_IN_FREE_FAILURES).waits).toEqual([]);
  expect(guess(SIGN_IN_FREE_FAILURES + 14).waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
});

test('while the wait lasts nothing is let through and nothing is added to it', () => {
  const { here, everywhere, nowMs } = guess(SIGN_IN_FREE_FAILURES + 5);
  expect(beginTry(here, everywhere, nowMs)).toEqual({ kind: 'refuse', seconds: 16 });
  expect(beginTry(here, everywhere, nowMs + 15_001)).toEqual({ kind: 'refuse', seconds: 1 });
  expect(beginTry(here, everywhere, nowMs + 16_000).kind).toBe('go');
});

test('a guesser doesn’t hold off the owner somewhere else', () => {
  const { everywhere, nowMs } = guess(SIGN_IN_FREE_FAILURES + 5);
  expect(beginTry(NONE, everywhere, nowMs).kind).toBe('go');
});

test('one with many addresses holds off strangers, and not who signs in where they did before', () => {
  let everywhere = NONE;
  for (let neighbour = 0; neighbour <= SIGN_IN_FREE_FAILURES_EVERYWHERE; neighbour++) {
    const decision = beginTry(NONE, everywhere, START_MS);
    if (decision.kind === 'go') ({ everywhere } = decision);
  }
  expect(beginTry(NONE, everywhere, START_MS)).toEqual({ kind: 'refuse', seconds: 1 });
  expect(beginTry({ ...NONE, provedAtMs: START_MS }, everywhere, START_MS).kind).toBe('go');
});

test('the right password forgives what was typed here, and nothing of what came from elsewhere', () => {
  const { here, everywhere, nowMs } = guess(4);
  const [after, rest] = endWell(here, { ...everywhere, failures: 20 }, nowMs);
  expect(after).toEqual({ failures: 0, failedAtMs: null, refusedUntilMs: null, provedAtMs: nowMs });
  expect(rest.failures).toBe(16);
});

test('a try that was neither right nor wrong leaves no trace', () => {
  const before = guess(SIGN_IN_FREE_FAILURES);
  const { here, everywhere } = guess(SIGN_IN_FREE_FAILURES + 1);
  expect(takeBack(here, everywhere)).toEqual([before.here, before.everywhere]);
});

test('who stops guessing starts anew after some hours, at no better rate than who goes on', () => {
  const { here, everywhere, nowMs } = guess(SIGN_IN_FREE_FAILURES + 20);
  const later = beginTry(here, everywhere, nowMs + SIGN_IN_FORGET_SECONDS * 1000);
  expect(later.kind === 'go' && later.here.failures).toBe(1);
  // All tries up to the longest wait, then the time to be forgotten.
  const sprint = guess(SIGN_IN_FREE_FAILURES + 10);
  const seconds = (sprint.nowMs - START_MS) / 1000 + SIGN_IN_FORGET_SECONDS;
  expect((SIGN_IN_FREE_FAILURES + 10) / seconds).toBeLessThan(1.1 / 900);
});
