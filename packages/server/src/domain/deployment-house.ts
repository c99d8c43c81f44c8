/** One house of a deployment, as it is stored, and what may become of it. Pure; times are passed in. */
import type { DeploymentDeviceState, UpdatePause } from '@lovely/api';

export interface House {
  readonly deploymentId: string;
  readonly deviceId: string;
  readonly tenantId: string;
  readonly state: DeploymentDeviceState;
  /** The order of turns; below 0 for those that try again. */
  readonly position: number;
  /** Null: it has not begun. */
  readonly phase: number | null;
  readonly attempt: number;
  readonly artifactId: string | null;
  readonly bytes: number | null;
  readonly downloaded: number;
  readonly percent: number | null;
  readonly substate: string;
  /** What it waits for, in words. */
  readonly waits: string;
  readonly causeCode: string | null;
  readonly causeStep: string | null;
  readonly causeMessage: string | null;
  readonly causeKey: string | null;
  readonly isRolledBack: boolean | null;
  readonly pauses: readonly UpdatePause[];
  readonly passed: readonly UpdatePause[];
  readonly toldPauses: readonly UpdatePause[];
  readonly tellsAbort: boolean;
  readonly readyMs: number | null;
  /** Since when it has its turn; null: it has not begun, or it begins anew. */
  readonly grantedMs: number | null;
  readonly sentMs: number | null;
  readonly sentEpoch: number | null;
  /** On that connection; once it has begun 0: what it was told last has reached it. */
  readonly sends: number;
  readonly linkUntilMs: number | null;
  readonly reportedMs: number | null;
  readonly events: number;
  readonly heardMs: number | null;
  readonly beganMs: number | null;
  readonly finishedMs: number | null;
  readonly lookMs: number | null;
}

/** States that nothing follows. */
export const FINAL_STATES = [
  'success',
  'failure',
  'already-installed',
  'noartifact',
  'aborted',
  'decommissioned',
] as const satisfies DeploymentDeviceState[];
export type FinalState = (typeof FINAL_STATES)[number];

export function isFinal({ finishedMs }: Pick<House, 'finishedMs'>): boolean {
  return finishedMs !== null;
}

/** Whether it has its turn: it was told, or is in the middle of it. */
export function isActive({ grantedMs, finishedMs }: Pick<House, 'grantedMs' | 'finishedMs'>): boolean {
  return grantedMs !== null && finishedMs === null;
}

/** Whether its software may be half changed: if it goes away now, that is suspicious. */
export function isChanging({ state }: Pick<House, 'state'>): boolean {
  return state === 'installing' || state === 'rebooting' || state === 'pause_before_committing';
}

/** Of a house that has not failed. */
export const NO_CAUSE = { causeCode: null, causeStep: null, causeMessage: null, causeKey: null } as const;

/** Its turn begins. */
export function granted(
  house: House,
  of: { readonly artifactId: string; readonly bytes: number; readonly phase: number },
  nowMs: number,
): House {
  return {
    ...house,
    phase: house.phase ?? of.phase,
    artifactId: of.artifactId,
    bytes: of.bytes,
    downloaded: 0,
    percent: null,
    substate: '',
    waits: '',
    ...NO_CAUSE,
    isRolledBack: null,
    toldPauses: [],
    readyMs: null,
    grantedMs: nowMs,
    sentMs: null,
    sentEpoch: null,
    sends: 0,
    linkUntilMs: null,
    reportedMs: null,
    heardMs: house.heardMs ?? nowMs,
    beganMs: house.beganMs ?? nowMs,
    lookMs: nowMs,
  };
}

/** It was told, and sent again, on this connection (null: it asked). */
export function told(
  house: House,
  {
    epoch,
    linkUntilMs,
    pauses,
    lookMs,
  }: { epoch: number | null; linkUntilMs: number; pauses: readonly UpdatePause[]; lookMs: number },
  nowMs: number,
): House {
  return {
    ...house,
    sentMs: nowMs,
    sentEpoch: epoch,
    sends: house.sentEpoch === epoch ? house.sends + 1 : 1,
    linkUntilMs,
    toldPauses: pauses,
    lookMs,
  };
}

/** It did not begin: somebody else may have its turn. It keeps what it was told, in case it begins after all. */
export function released(house: House, waits: string, readyMs: number): House {
  const isFirst = house.attempt === 1;
  return { ...house, phase: isFirst ? null : house.phase, waits, readyMs, grantedMs: null, lookMs: null };
}

/** It waits for its turn until then. */
export function parked(house: House, waits: string, readyMs: number): House {
  return { ...house, waits, readyMs };
}

/** It is through, as the server found or somebody decided. */
export function ended(house: House, state: FinalState, nowMs: number): House {
  return {
    ...house,
    state,
    substate: '',
    waits: '',
    percent: null,
    readyMs: null,
    finishedMs: nowMs,
    lookMs: null,
  };
}

/** Ended from outside. What is in the middle of it must still be told. */
export function aborted(house: House, message: string, nowMs: number): House {
  const mustTell = isActive(house) || (house.sentMs !== null && house.grantedMs === null);
  return {
    ...ended(house, 'aborted', nowMs),
    causeCode: 'aborted',
    causeStep: '',
    causeMessage: message,
    tellsAbort: mustTell,
    sends: 0,
    lookMs: mustTell ? nowMs : null,
  };
}

/** It tries again, before those that have not had a turn; what it waits for is the time alone. */
export function retried(house: House, readyMs: number): House {
  return {
    ...house,
    state: 'pending',
    position: -1 - Math.abs(house.position),
    attempt: house.attempt + 1,
    substate: '',
    waits: '',
    percent: null,
    downloaded: 0,
    passed: [],
    readyMs,
    grantedMs: null,
    sentMs: null,
    sentEpoch: null,
    reportedMs: null,
    lookMs: null,
  };
}
