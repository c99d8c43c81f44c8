/**
 * One fix run as a plan: from what is known of it and of its house follows the one next step. Pure, so that every order of
 * crashes, losses and late messages can be tried. The worker carries the steps out and asks again.
 *
 *     waiting ─▶ running ─ action by action ─▶ checking ─▶ helped | not-helped
 *        └──────────┴──▶ failed | refused | cancelled
 */
import type { FixRunState } from '@lovely/api';
import { FIX_LOST_MS, FIX_RESEND_MS, FIX_SENDS_MAX, FIX_LOOK_MS } from '../limits.ts';

/** What the house said of the action that is on. */
export interface StepOutcome {
  readonly outcome: 'exited' | 'refused' | 'failed' | 'timed-out' | 'cancelled' | 'interrupted';
  readonly exit: number | null;
  readonly refusal: string | null;
  readonly reason: string;
}

export interface RunFacts {
  readonly state: 'waiting' | 'running' | 'checking';
  /** The action that is on, of how many, and how long it may take. */
  readonly step: number;
  readonly steps: number;
  readonly timeoutMs: number;
  readonly sends: number;
  /** When the action was last sent and on which connection; null: it was not. */
  readonly sentMs: number | null;
  readonly sentEpoch: number | null;
  /** When the house said that it began with the action. */
  readonly stepStartedMs: number | null;
  readonly done: StepOutcome | null;
  readonly isCancelled: boolean;
  readonly expiresMs: number;
  readonly checkMs: number;
  readonly checkUntilMs: number | null;
  /** The house's live connection; null while it is away. */
  readonly connection: { readonly epoch: number; readonly sinceMs: number } | null;
  /** Whether the alert is open; else who closed it. */
  readonly alert: 'open' | 'closed' | 'closed-by-hand';
  /** Whether another fix runs on the house. */
  readonly isBusy: boolean;
}

export type RunStep =
  /** Nothing to do before then. */
  | { readonly kind: 'wait'; readonly reason: string; readonly lookMs: number }
  /** Takes its turn on the house and sends the first action. */
  | { readonly kind: 'begin' }
  /** Sends the action that is on, for the first time or again: a house carries out each only once. */
  | { readonly kind: 'send' }
  /** Tells the house to end the action that is on. */
  | { readonly kind: 'cancel' }
  /** Goes on to the next action and sends it. */
  | { readonly kind: 'next' }
  /** All actions ended well: will the alert close until then? */
  | { readonly kind: 'check'; readonly untilMs: number }
  | { readonly kind: 'end'; readonly state: EndState; readonly reason: string; readonly code: string | null };

export type EndState = Exclude<FixRunState, 'waiting' | 'running' | 'checking'>;

export function planRun(facts: RunFacts, nowMs: number): RunStep {
  switch (facts.state) {
    case 'waiting':
      return planWaiting(facts, nowMs);
    case 'running':
      return planRunning(facts, nowMs);
    case 'checking':
      return planChecking(facts, nowMs);
  }
}

function planWaiting({ isCancelled, alert, expiresMs, connection, isBusy }: RunFacts, nowMs: number): RunStep {
  if (isCancelled) return end('cancelled', 'Called off before it began.', 'called-off');
  if (alert !== 'open') return end('cancelled', 'The problem was over before it began.', 'alert-closed');
  if (nowMs >= expiresMs) return end('cancelled', 'The house was not there in time.', 'expired');
  if (!connection) return wait('Waits for the house to be back.', expiresMs);
  if (isBusy) return wait('Waits for another fix on this house to end.', nowMs + FIX_LOOK_MS);
  return { kind: 'begin' };
}

function planRunning(facts: RunFacts, nowMs: number): RunStep {
  const { done, step, steps, stepStartedMs, sentMs, sentEpoch, sends, timeoutMs, connection, isCancelled } = facts;
  if (done) {
    if (done.outcome !== 'exited' || done.exit !== 0) return endOf(done);
    if (isCancelled) return end('cancelled', 'Called off; what has been done stays done.', 'called-off');
    return step + 1 < steps ? { kind: 'next' } : { kind: 'check', untilMs: nowMs + facts.checkMs };
  }
  const begunMs = stepStartedMs ?? sentMs;
  const lostMs = begunMs === null ? Number.POSITIVE_INFINITY : begunMs + timeoutMs + FIX_LOST_MS;
  if (nowMs >= lostMs)
    return isCancelled
      ? end('cancelled', 'Called off; the house has not said how far it came.', 'called-off')
      : end('failed', 'The house has not said how it ended.', 'lost');
  if (!connection)
    return wait('The house is away; it says how it ended when it is back.', Math.min(lostMs, nowMs + FIX_LOOK_MS));
  const isNews = sentMs === null || sentEpoch !== connection.epoch;
  const isLate = sentMs !== null && nowMs - sentMs >= FIX_RESEND_MS;
  if (isCancelled && sentMs === null)
    return end('cancelled', 'Called off; what has been done stays done.', 'called-off');
  if (isCancelled && (isNews || isLate)) return { kind: 'cancel' };
  if (stepStartedMs === null) {
    if (isNews) return { kind: 'send' };
    if (isLate && sends >= FIX_SENDS_MAX)
      return end('failed', 'The gateway does not answer: its client may not know how to run fixes.', 'no-answer');
    return isLate ? { kind: 'send' } : wait('', sentMs + FIX_RESEND_MS);
  }
  // It began. On a new connection, and once it should be over, the house is asked again: it says `started` or `done`.
  const overMs = stepStartedMs + timeoutMs + FIX_RESEND_MS;
  if (isNews || (nowMs >= overMs && isLate)) return { kind: 'send' };
  return wait('', Math.max(overMs, sentMs + FIX_RESEND_MS));
}

function planChecking({ alert, isCancelled, checkUntilMs, checkMs, connection }: RunFacts, nowMs: number): RunStep {
  if (alert === 'closed') return end('helped', 'The problem is gone.', null);
  if (alert === 'closed-by-hand')
    return end('cancelled', 'Somebody closed the alert; whether it helped is not known.', 'alert-closed');
  if (isCancelled) return end('cancelled', 'Called off while it was checked.', 'called-off');
  const untilMs = checkUntilMs ?? nowMs + checkMs;
  if (nowMs < untilMs) return wait('', untilMs);
  // A house that is away can't say that the problem is gone: it gets its time once it is back.
  if (!connection)
    return nowMs >= untilMs + FIX_LOST_MS
      ? end('failed', 'It ran, but the house has been away since.', 'lost')
      : wait('It ran; now the house is away.', nowMs + FIX_LOOK_MS);
  const backUntilMs = connection.sinceMs + checkMs;
  if (nowMs < backUntilMs) return wait('', backUntilMs);
  return end('not-helped', 'It ran, but the problem is still there.', null);
}

function endOf({ outcome, exit, refusal, reason }: StepOutcome): RunStep {
  switch (outcome) {
    case 'exited':
      return end('failed', reason || `It ended with exit status ${exit}.`, 'exit');
    case 'refused':
      return end('refused', reason || 'The gateway does not allow it.', refusal ?? 'refused');
    case 'cancelled':
      return end('cancelled', reason || 'Called off; what has been done stays done.', 'called-off');
    case 'timed-out':
      return end('failed', reason || 'It took longer than it may.', outcome);
    case 'interrupted':
      return end('failed', reason || 'The gateway stopped while it ran.', outcome);
    case 'failed':
      return end('failed', reason || 'It could not be run.', outcome);
  }
}

function end(state: EndState, reason: string, code: string | null): RunStep {
  return { kind: 'end', state, reason, code };
}

function wait(reason: string, lookMs: number): RunStep {
  return { kind: 'wait', reason, lookMs };
}
