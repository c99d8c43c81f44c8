/**
 * One house of a deployment as a plan: whether it may have its turn, and once it has it, what it is to be told next. Pure;
 * a gateway does what it is told twice only once, so that everything may be sent again.
 *
 *     pending ─turn─▶ offered ─▶ downloading ─▶ installing ─▶ … ─▶ success | failure
 *        ▲               │ no answer          (as it reports)         │ retries left
 *        └───────────────┴────────────────────────────────────────────┘
 */
import type { UpdatePause } from '@lovely/api';
import {
  DEPLOYMENT_ABORT_TOLD_MS,
  DEPLOYMENT_ASK_AGAIN_MS,
  DEPLOYMENT_AWAY_LOOK_MS,
  DEPLOYMENT_BLOCKED_LOOK_MS,
  DEPLOYMENT_LINK_AHEAD_MS,
  DEPLOYMENT_LOST_MS,
  DEPLOYMENT_OFFER_AWAY_MS,
  DEPLOYMENT_POLLER_BEGIN_MS,
  DEPLOYMENT_RESEND_MS,
  DEPLOYMENT_SENDS_MAX,
  DEPLOYMENT_SILENT_LOOK_MS,
} from '../software-limits.ts';
import type { ArtifactChoice } from './artifact-choice.ts';
import { isActive, isFinal, type House } from './deployment-house.ts';
import type { WindowState } from './maintenance-window.ts';

/** Where the gateway is; null while it is away. */
export interface Connection {
  readonly hubId: string;
  readonly epoch: number;
}

export interface TurnFacts {
  readonly connection: Connection | null;
  /** live: it takes offers over its channel. asks: it asks for them. asking: it does so now. */
  readonly takes: 'live' | 'asks' | 'asking';
  readonly choice: ArtifactChoice;
  /** Undefined: there is none. */
  readonly window: WindowState | undefined;
  /** Whether another deployment has it, or comes first. */
  readonly isBlocked: boolean;
}

export type Turn =
  | { readonly kind: 'grant'; readonly artifactId: string; readonly bytes: number }
  | { readonly kind: 'end'; readonly state: 'noartifact' | 'already-installed' }
  | { readonly kind: 'park'; readonly waits: string; readonly untilMs: number };

export function planTurn(facts: TurnFacts, nowMs: number): Turn {
  const { connection, takes, choice, window, isBlocked } = facts;
  if (isBlocked) return park('Waits for another deployment on this house.', nowMs + DEPLOYMENT_BLOCKED_LOOK_MS);
  if (choice.kind === 'noartifact' || choice.kind === 'already-installed') return { kind: 'end', state: choice.kind };
  if (window && !window.isOpen)
    return park('Waits for its maintenance window.', Math.min(window.opensMs, nowMs + WINDOW_MS_MAX));
  // What wakes these is the gateway: it tells what it is, or is back.
  if (choice.kind === 'unknown') return park('The gateway has not said what it is.', nowMs + DEPLOYMENT_AWAY_LOOK_MS);
  if (takes === 'asks') return park('Waits for the gateway to ask.', nowMs + DEPLOYMENT_AWAY_LOOK_MS);
  if (takes === 'live' && !connection) return park('The house is away.', nowMs + DEPLOYMENT_AWAY_LOOK_MS);
  return { kind: 'grant', artifactId: choice.artifact.id, bytes: choice.artifact.bytes };
}

const WINDOW_MS_MAX = 14 * 24 * 3600_000;

export interface ActiveFacts {
  readonly house: House;
  readonly connection: Connection | null;
  readonly takes: 'live' | 'asks';
  /** Where it should wait: of the deployment, of itself, without those that it was let past. */
  readonly pauses: readonly UpdatePause[];
}

export type ActiveStep =
  /** Offers it, for the first time or again. */
  | { readonly kind: 'offer' }
  /** Has it wait before these. */
  | { readonly kind: 'pause' }
  /** Has it go on, and wait before what is left of these. */
  | { readonly kind: 'continue' }
  | { readonly kind: 'abort' }
  /** It need not be told any more. */
  | { readonly kind: 'forget' }
  | { readonly kind: 'release'; readonly waits: string; readonly readyMs: number }
  /** It began and was never heard of again. */
  | { readonly kind: 'lose' }
  | { readonly kind: 'wait'; readonly lookMs: number };

export function planActive(facts: ActiveFacts, nowMs: number): ActiveStep {
  const { house } = facts;
  if (house.tellsAbort) return planAbort(facts, nowMs);
  if (!isActive(house) || isFinal(house)) return { kind: 'forget' };
  return house.state === 'pending' ? planOffered(facts, nowMs) : planBegun(facts, nowMs);
}

function planAbort({ house, connection, takes }: ActiveFacts, nowMs: number): ActiveStep {
  const { finishedMs, sentMs, sentEpoch, sends } = house;
  const isOld = finishedMs !== null && nowMs >= finishedMs + DEPLOYMENT_ABORT_TOLD_MS;
  // One that asks hears of it when it reports.
  if (isOld || takes === 'asks') return { kind: 'forget' };
  const patientMs = nowMs + DEPLOYMENT_AWAY_LOOK_MS;
  if (!connection) return wait(patientMs);
  const isNews = sentEpoch !== connection.epoch || (finishedMs !== null && (sentMs ?? 0) < finishedMs);
  if (isNews) return { kind: 'abort' };
  if (sends >= DEPLOYMENT_SENDS_MAX) return wait(patientMs);
  const lateMs = (sentMs ?? 0) + DEPLOYMENT_RESEND_MS;
  return nowMs >= lateMs ? { kind: 'abort' } : wait(lateMs);
}

function planOffered({ house, connection, takes }: ActiveFacts, nowMs: number): ActiveStep {
  const { sentMs, sentEpoch, sends } = house;
  const grantedMs = house.grantedMs ?? nowMs;
  if (takes === 'asks') {
    const untilMs = grantedMs + DEPLOYMENT_POLLER_BEGIN_MS;
    return nowMs >= untilMs
      ? { kind: 'release', waits: 'It asked and did not begin.', readyMs: nowMs + DEPLOYMENT_RESEND_MS }
      : wait(untilMs);
  }
  if (!connection) {
    const untilMs = Math.max(grantedMs, sentMs ?? 0) + DEPLOYMENT_OFFER_AWAY_MS;
    return nowMs >= untilMs
      ? { kind: 'release', waits: 'The house is away.', readyMs: nowMs + DEPLOYMENT_AWAY_LOOK_MS }
      : wait(untilMs);
  }
  if (sentMs === null || sentEpoch !== connection.epoch) return { kind: 'offer' };
  const lateMs = sentMs + DEPLOYMENT_RESEND_MS;
  if (nowMs < lateMs) return wait(lateMs);
  return sends < DEPLOYMENT_SENDS_MAX
    ? { kind: 'offer' }
    : { kind: 'release', waits: 'The gateway does not answer.', readyMs: nowMs + DEPLOYMENT_AWAY_LOOK_MS };
}

/** The steps that a gateway waits before, by the state that it then tells. */
export const WAITS_BEFORE: Readonly<Record<string, UpdatePause>> = {
  pause_before_installing: 'install',
  pause_before_rebooting: 'reboot',
  pause_before_committing: 'commit',
};

function planBegun({ house, connection, takes, pauses }: ActiveFacts, nowMs: number): ActiveStep {
  const { sentMs, sentEpoch, sends, linkUntilMs, state, toldPauses } = house;
  const heardMs = house.heardMs ?? house.grantedMs ?? nowMs;
  const lostMs = heardMs + DEPLOYMENT_LOST_MS;
  if (nowMs >= lostMs) return { kind: 'lose' };
  if (takes === 'asks') return wait(lostMs);
  if (!connection) return wait(Math.min(lostMs, nowMs + DEPLOYMENT_AWAY_LOOK_MS));
  if (sentEpoch !== connection.epoch) return { kind: 'offer' };
  const step = WAITS_BEFORE[state];
  const isLetGo = step !== undefined && !pauses.includes(step);
  const isChanged = pauses.length !== toldPauses.length || pauses.some((one) => !toldPauses.includes(one));
  const lateMs = (sentMs ?? 0) + DEPLOYMENT_RESEND_MS;
  if (isChanged || (isLetGo && nowMs >= lateMs))
    return { kind: isLetGo || toldPauses.some((one) => !pauses.includes(one)) ? 'continue' : 'pause' };
  if (isLetGo) return wait(lateMs);
  // Whatever it was told may have got lost, the order to wait among it.
  if (sends > 0) return nowMs >= lateMs ? { kind: 'offer' } : wait(Math.min(lostMs, lateMs));
  // A gateway that is asked again answers with its state; so it does when its download needs a new link.
  const linkMs = state === 'downloading' && linkUntilMs !== null ? linkUntilMs - DEPLOYMENT_LINK_AHEAD_MS : Infinity;
  const askMs = Math.min(linkMs, Math.max(heardMs, sentMs ?? 0) + DEPLOYMENT_SILENT_LOOK_MS);
  return nowMs >= Math.max(askMs, (sentMs ?? 0) + DEPLOYMENT_ASK_AGAIN_MS)
    ? { kind: 'offer' }
    : wait(Math.min(lostMs, Math.max(askMs, (sentMs ?? 0) + DEPLOYMENT_ASK_AGAIN_MS)));
}

/** Where a house should wait now. */
export function pausesOf(
  { pauses, passed }: Pick<House, 'pauses' | 'passed'>,
  ofDeployment: readonly UpdatePause[],
  isPaused: boolean,
): UpdatePause[] {
  const wanted = new Set([...ofDeployment, ...pauses, ...(isPaused ? (['install'] as const) : [])]);
  return ORDER.filter((step) => wanted.has(step) && !passed.includes(step));
}

const ORDER: readonly UpdatePause[] = ['install', 'reboot', 'commit'];

function park(waits: string, untilMs: number): Turn {
  return { kind: 'park', waits, untilMs };
}

function wait(lookMs: number): ActiveStep {
  return { kind: 'wait', lookMs };
}
