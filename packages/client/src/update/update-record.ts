/** What the gateway must remember of the update that is under way; written to the disk before each step begins. */
import { ProtocolError, updateOffer, type UpdateCause, type UpdateOffer, type UpdatePause } from '@lovely/protocol';
import type { RebootNeed } from './update-module.ts';

/** In their order; those from `rollback` to `failure` only when something failed. */
export const STEPS = [
  'fetch', // scripts, header, checks
  'store', // the payloads arrive
  'after-store',
  'pause-install',
  'install',
  'pause-reboot',
  'reboot',
  'verify-reboot',
  'after-reboot',
  'pause-commit',
  'commit', // of the first payload
  'after-first-commit', // of the others; nothing is rolled back from here on
  'after-commit',
  'rollback',
  'rollback-reboot',
  'verify-rollback-reboot',
  'after-rollback-reboot',
  'failure',
  'cleanup',
  'report',
] as const;
export type Step = (typeof STEPS)[number];

export interface UpdateFailure {
  readonly code: UpdateCause;
  /** As update modules and scripts name it. */
  readonly step: string;
  readonly message: string;
}

export interface UpdateRecord {
  readonly step: Step;
  /** How many steps were stored, to recognise an update that goes on for ever. */
  readonly stored: number;
  readonly offer: UpdateOffer;
  /** Where it waits for `continue`. */
  readonly pauseBefore: readonly UpdatePause[];
  /** Whether all payloads can be rolled back; known once they are stored. */
  readonly canRollBack: boolean;
  /** What the payloads want, in their order; known once they are installed. */
  readonly rebootNeeds: readonly RebootNeed[];
  readonly hasBegunReboot: boolean;
  /** Which payloads go on with a step that was cut off (`UpdateModule.isPatient`), by their order. */
  readonly patience: readonly boolean[];
  /** How many payloads are installed while the others wait for their turn. */
  readonly installed: number;
  /** Which life of the machine it was when this step was stored; at a look after a reboot, the life before it. */
  readonly bootId: string;
  /** The server wants it no more; what can't be cut off is finished first. */
  readonly isCalledOff: boolean;
  /** Set when it failed. */
  readonly failure: UpdateFailure | undefined;
  /** Neither the old software nor the new one can be vouched for. */
  readonly isInconsistent: boolean;
}

export function newRecord(offer: UpdateOffer, bootId: string): UpdateRecord {
  return {
    step: 'fetch',
    stored: 0,
    offer,
    pauseBefore: offer.pauseBefore ?? [],
    canRollBack: false,
    rebootNeeds: [],
    hasBegunReboot: false,
    patience: [],
    installed: 0,
    bootId,
    isCalledOff: false,
    failure: undefined,
    isInconsistent: false,
  };
}

/**
 * What was kept, maybe by a client of another version: after a rollback an older one reads what a newer one wrote. Members that
 * are not there are as at the beginning; a step that is not known may have been any. Undefined when not even the offer is clear.
 */
export function readRecord(kept: unknown): UpdateRecord | undefined {
  if (typeof kept !== 'object' || kept === null || !('offer' in kept)) return undefined;
  const offer = readOffer(kept.offer);
  if (!offer) return undefined;
  const record: UpdateRecord = { ...newRecord(offer, ''), ...kept, offer };
  const lists: readonly unknown[] = [record.pauseBefore, record.rebootNeeds, record.patience];
  const isKnown = STEPS.includes(record.step) && lists.every((list) => Array.isArray(list));
  return isKnown ? record : { ...newRecord(offer, ''), step: 'install' };
}

function readOffer(kept: unknown): UpdateOffer | undefined {
  try {
    return updateOffer.read(updateOffer.frame({}, kept as UpdateOffer)).body;
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
