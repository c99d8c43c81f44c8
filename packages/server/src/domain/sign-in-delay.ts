/**
 * How long somebody waits who types wrong passwords: some tries are free, then each failure doubles the wait.
 *
 * Whoever may lock an account by guessing could lock its owner out, so what is counted is the account together with the
 * neighbour (address) that guesses: there even the right password is refused until the wait is over, and the owner signs
 * in from anywhere else. A guesser with many addresses would get the free tries of each; so the account is counted from
 * everywhere together as well, with more free tries. That wait holds off strangers alone: a neighbour from where the
 * owner has signed in of late is not asked to wait for what others do. All of it is kept by e-mail address, whether
 * anybody has it or not, so the waits tell nothing either.
 */
import {
  SIGN_IN_FORGET_SECONDS,
  SIGN_IN_FREE_FAILURES,
  SIGN_IN_FREE_FAILURES_EVERYWHERE,
  SIGN_IN_PROVED_SECONDS,
  SIGN_IN_REFUSED_SECONDS_MAX,
} from '../limits.ts';

/** What is known of one account at one neighbour, or from everywhere together. */
export interface SignInCount {
  readonly failures: number;
  readonly failedAtMs: number | null;
  readonly refusedUntilMs: number | null;
  readonly provedAtMs: number | null;
}

export type SignInDecision =
  | { readonly kind: 'refuse'; readonly seconds: number }
  | {
      readonly kind: 'go';
      /** Somebody has signed in to the account from this neighbour of late. */
      readonly isKnown: boolean;
      readonly here: SignInCount;
      readonly everywhere: SignInCount;
    };

/** Counts one try as a failure before the password is looked at, so that many at once are no way around. */
export function beginTry(here: SignInCount, everywhere: SignInCount, nowMs: number): SignInDecision {
  const isKnown = here.provedAtMs !== null && nowMs - here.provedAtMs < SIGN_IN_PROVED_SECONDS * 1000;
  const untilMs = Math.max(here.refusedUntilMs ?? 0, isKnown ? 0 : (everywhere.refusedUntilMs ?? 0));
  if (untilMs > nowMs) return { kind: 'refuse', seconds: Math.ceil((untilMs - nowMs) / 1000) };
  return {
    kind: 'go',
    isKnown,
    here: countFailure(here, SIGN_IN_FREE_FAILURES, nowMs),
    everywhere: countFailure(everywhere, SIGN_IN_FREE_FAILURES_EVERYWHERE, nowMs),
  };
}

/** The try was right: what this neighbour did is forgiven, and it is known from now on. */
export function endWell(here: SignInCount, everywhere: SignInCount, nowMs: number): [SignInCount, SignInCount] {
  const known = { failures: 0, failedAtMs: null, refusedUntilMs: null, provedAtMs: nowMs };
  return [known, forgive(everywhere, here.failures, SIGN_IN_FREE_FAILURES_EVERYWHERE)];
}

/** The try was neither right nor wrong, as a password without its second factor: it leaves no trace. */
export function takeBack(here: SignInCount, everywhere: SignInCount): [SignInCount, SignInCount] {
  return [forgive(here, 1, SIGN_IN_FREE_FAILURES), forgive(everywhere, 1, SIGN_IN_FREE_FAILURES_EVERYWHERE)];
}

function countFailure(count: SignInCount, free: number, nowMs: number): SignInCount {
  const isOld = count.failedAtMs === null || nowMs - count.failedAtMs >= SIGN_IN_FORGET_SECONDS * 1000;
  const failures = isOld ? 1 : count.failures + 1;
  const seconds = refusedSeconds(failures, free);
  return { ...count, failures, failedAtMs: nowMs, refusedUntilMs: seconds > 0 ? nowMs + seconds * 1000 : null };
}

function forgive(count: SignInCount, failures: number, free: number): SignInCount {
  const left = Math.max(0, count.failures - failures);
  return { ...count, failures: left, refusedUntilMs: left > free ? count.refusedUntilMs : null };
}

/** 0 for the free ones, then 1, 2, 4 … */
function refusedSeconds(failures: number, free: number): number {
  return failures <= free ? 0 : Math.min(2 ** (failures - free - 1), SIGN_IN_REFUSED_SECONDS_MAX);
}
