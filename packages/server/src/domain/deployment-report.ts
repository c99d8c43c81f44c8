/**
 * What a gateway's word on its update changes. Pure. Words may come twice, late, in another order (several workers store
 * them), and of an attempt that is long over; Mender's clients tell states in an order that is not always forward, `failure`
 * with a substate before it is over, and an empty state (COMPAT 0, pitfalls 4 to 6).
 */
import type { UpdateCauseFound } from '@lovely/api';
import type { UpdateState } from '@lovely/protocol';
import { DEPLOYMENT_RETRY_MS, DEPLOYMENT_RETRY_MS_MAX, DEPLOYMENT_SILENT_LOOK_MS } from '../software-limits.ts';
import { ended, isActive, isFinal, NO_CAUSE, retried, type House } from './deployment-house.ts';
import { WAITS_BEFORE } from './deployment-turn.ts';
import { failureKey } from './failure-group.ts';

export interface Word {
  /** Undefined: of the attempt that is on. */
  readonly attempt?: number | undefined;
  readonly state: UpdateState | '';
  readonly substate: string;
  readonly atMs: number;
  readonly bytes?: number | undefined;
  readonly cause?: UpdateCauseFound | undefined;
  readonly isRolledBack?: boolean | undefined;
}

export interface HeardEvent {
  readonly kind: 'state' | 'late' | 'retry';
  readonly attempt: number;
  readonly state: string | null;
  readonly substate: string;
  readonly text: string;
}

export interface Heard {
  readonly outcome: 'stored' | 'aborted' | 'unknown';
  readonly house: House;
  readonly events: readonly HeardEvent[];
  /** What its end means for others: the house is free, and has what it got. */
  readonly end: 'success' | 'failure' | 'retry' | null;
}

const FINALS: ReadonlySet<string> = new Set(['success', 'failure', 'already-installed']);
/** Trying again by itself would change nothing. */
const HOPELESS: ReadonlySet<string> = new Set([
  'aborted',
  'not-allowed',
  'wrong-device-type',
  'unsigned',
  'bad-signature',
]);

/** @param random 0 to 1, so that houses that failed together don't come back together */
export function hear(house: House, word: Word, retries: number, nowMs: number, random: number): Heard {
  const wasTold = house.beganMs !== null;
  // Another attempt that nobody was told of yet can't be what it speaks of.
  const latest = isFinal(house) || isActive(house) || house.sentMs !== null ? house.attempt : house.attempt - 1;
  const attempt = word.attempt ?? latest;
  if (attempt > latest && wasTold) return unchanged(house, 'unknown');
  if (isFinal(house)) return hearLate(house, word, attempt, wasTold, nowMs);
  if (!wasTold) return unchanged(house, 'unknown');
  if (attempt < house.attempt) return { ...unchanged(house, 'stored'), events: [eventOf('state', word, attempt)] };
  return hearNow(regained(house, nowMs), word, retries, nowMs, random);
}

function hearNow(house: House, word: Word, retries: number, nowMs: number, random: number): Heard {
  const { state, substate, atMs } = word;
  const heard: House = {
    ...house,
    heardMs: nowMs,
    downloaded: word.bytes === undefined ? house.downloaded : Math.min(word.bytes, house.bytes ?? word.bytes),
    ...causeIn(house, word),
  };
  const event = eventOf('state', word, house.attempt);
  const isOver = FINALS.has(state) && substate === '';
  if (isOver) return over({ ...heard, lookMs: null }, word, event, retries, nowMs, random);
  const isOlder = house.reportedMs !== null && atMs < house.reportedMs;
  if (isOlder) return { outcome: 'stored', house: heard, events: [event], end: null };
  // `failure` with a substate is not over: it goes back to what was there. Neither is what tells a substate only.
  const isState = state !== '' && !FINALS.has(state);
  const next: House = {
    ...heard,
    reportedMs: atMs,
    substate,
    ...(isState ? { state, percent: state === house.state ? house.percent : null } : {}),
    // It may answer an offer of before that did not say where to wait.
    ...(house.state === 'pending' && house.toldPauses.length === 0 ? { sends: 0 } : {}),
    // It may have to be told to wait, or may be let go on.
    lookMs:
      house.state === 'pending' || house.sends > 0 || WAITS_BEFORE[state] ? nowMs : nowMs + DEPLOYMENT_SILENT_LOOK_MS,
  };
  const isRepeated = state === house.state && substate === house.substate;
  return { outcome: 'stored', house: next, events: isRepeated ? [] : [event], end: null };
}

function over(house: House, word: Word, event: HeardEvent, retries: number, nowMs: number, random: number): Heard {
  if (word.state !== 'failure') {
    const state = word.state === 'success' ? 'success' : 'already-installed';
    const downloaded = state === 'success' ? (house.bytes ?? house.downloaded) : house.downloaded;
    const done = { ...ended(house, state, nowMs), downloaded, ...NO_CAUSE, isRolledBack: null };
    return { outcome: 'stored', house: done, events: [event], end: 'success' };
  }
  const cause = word.cause?.code ?? house.causeCode ?? '';
  if (house.attempt <= retries && !HOPELESS.has(cause)) {
    const pauseMs = Math.min(DEPLOYMENT_RETRY_MS_MAX, DEPLOYMENT_RETRY_MS * 2 ** (house.attempt - 1));
    const readyMs = nowMs + pauseMs * (0.5 + random / 2);
    const retry: HeardEvent = { kind: 'retry', attempt: house.attempt + 1, state: null, substate: '', text: '' };
    return { outcome: 'stored', house: retried(house, readyMs), events: [event, retry], end: 'retry' };
  }
  // Mender's clients say why in their log, which comes afterwards.
  const unknown = house.causeCode === null ? withCause({ code: 'unknown', step: house.state, message: '' }) : {};
  return {
    outcome: 'stored',
    house: { ...ended(house, 'failure', nowMs), ...unknown, isRolledBack: word.isRolledBack ?? house.isRolledBack },
    events: [event],
    end: 'failure',
  };
}

/** What comes when it is over for us. */
function hearLate(house: House, word: Word, attempt: number, wasTold: boolean, nowMs: number): Heard {
  const { state, substate } = word;
  const isOver = FINALS.has(state) && substate === '';
  const isCurrent = attempt === house.attempt;
  if (house.state === 'aborted' || house.state === 'decommissioned') {
    if (!wasTold) return unchanged(house, 'aborted');
    const event = eventOf('late', word, attempt);
    // It goes on: it has not heard of it, or has forgotten.
    if (!isOver || !isCurrent)
      return {
        outcome: 'aborted',
        house: { ...house, tellsAbort: true, lookMs: nowMs, heardMs: nowMs },
        events: [event],
        end: null,
      };
    // It has gone back, or was through before it heard of it: then that is what should run there.
    const isInstalled = state !== 'failure';
    const isNews = isInstalled && house.causeMessage !== INSTALLED_ANYWAY;
    const settled: House = {
      ...house,
      tellsAbort: false,
      lookMs: null,
      heardMs: nowMs,
      isRolledBack: word.isRolledBack ?? house.isRolledBack,
      ...(isInstalled ? { causeMessage: INSTALLED_ANYWAY } : {}),
    };
    return { outcome: 'aborted', house: settled, events: [event], end: isNews ? 'success' : null };
  }
  if (!wasTold) return unchanged(house, 'unknown');
  // One that was given up may be right after all.
  if (house.causeCode === 'lost' && isOver && isCurrent) {
    const back: House = { ...house, finishedMs: null, grantedMs: house.grantedMs ?? nowMs, ...NO_CAUSE };
    return hearNow(back, word, 0, nowMs, 0);
  }
  if (state === house.state && isOver) return unchanged(house, 'stored');
  return { ...unchanged(house, 'stored'), events: [eventOf('late', word, attempt)] };
}

const INSTALLED_ANYWAY = 'It was through before it heard of that: the software is installed.';

/** It began although its turn was taken back: it has it again. */
function regained(house: House, nowMs: number): House {
  if (isActive(house)) return house;
  return { ...house, grantedMs: nowMs, phase: house.phase ?? 0, readyMs: null, waits: '' };
}

/** The first is what went wrong; what follows from it comes later. */
function causeIn(house: House, { cause }: Word): Partial<House> {
  return cause === undefined || house.causeCode !== null ? {} : withCause(cause);
}

export function withCause(cause: UpdateCauseFound): Partial<House> {
  const { code, step, message } = cause;
  return { causeCode: code, causeStep: step, causeMessage: message, causeKey: failureKey(cause) };
}

function eventOf(kind: 'state' | 'late', { state, substate }: Word, attempt: number): HeardEvent {
  return { kind, attempt, state: state === '' ? null : state, substate, text: '' };
}

function unchanged(house: House, outcome: Heard['outcome']): Heard {
  return { outcome, house, events: [], end: null };
}
