/**
 * Which step follows which: the state machine of Mender's client 3.4 (COMPAT 5.3), without any effect of its own.
 *
 *     fetch ─▶ store ─▶ after-store ─▶ [pause] ─▶ install ─▶ [pause] ─▶ reboot ─▶ verify-reboot ─▶ after-reboot
 *       │        │           │            │           └──── without a reboot ───────────┐              │
 *       │        │           │            │                                             ▼              ▼
 *       │        │           │            │                                      [pause] ─▶ commit ─▶ after-first-commit
 *       ▼        ▼           ▼            ▼                                                                  │
 *     cleanup ◀──────────────────────── failure ◀──── from install to commit: rollback, and its reboot       ▼
 *       │                                 after the first commit: nothing is rolled back       cleanup ◀─ after-commit
 *       ▼
 *     report
 *
 * Where it differs from Mender's: an outcome is kept once it is known, so that a cut in `cleanup` or `report` doesn't make a
 * failure of a success; waiting for `continue` goes on after a restart of the client; and a reboot that the machine's boot
 * id shows not to have happened is asked for again.
 */
import type { UpdatePause } from '@lovely/protocol';
import { UPDATE_STEPS_STORED_MAX } from '../limits.ts';
import type { RebootNeed } from './update-module.ts';
import type { Step, UpdateFailure, UpdateRecord } from './update-record.ts';

/** What a step found out. */
export interface StepFacts {
  readonly patience?: readonly boolean[];
  readonly canRollBack?: boolean;
  readonly rebootNeeds?: readonly RebootNeed[];
}

export type StepEnd =
  | { readonly kind: 'done'; readonly facts: StepFacts }
  | { readonly kind: 'failed'; readonly failure: UpdateFailure };

/** What comes after the step of `record`; undefined: the update is over. */
export function advance(record: UpdateRecord, end: StepEnd): UpdateRecord | undefined {
  const next = end.kind === 'done' ? succeed(record, end.facts) : fail(record, end.failure);
  return next && bounded(record, next);
}

/** Where a client goes on that was cut off in the step of `record`; undefined: nothing had begun, it may be offered again. */
export function resume(record: UpdateRecord, bootId: string): UpdateRecord | undefined {
  const next = resumed(record, bootId);
  // Whoever waits, or takes as long as it takes, may be restarted as often as it happens.
  const goesOn = next === record && (record.step.startsWith('pause-') || isPatientNow(record));
  return next && (goesOn ? next : bounded(record, next));
}

function succeed(record: UpdateRecord, facts: StepFacts): UpdateRecord | undefined {
  const known: UpdateRecord = { ...record, ...facts };
  switch (record.step) {
    case 'fetch':
      return to(known, 'store');
    case 'store':
      return to(known, 'after-store');
    case 'after-store':
      return beforePause(known, 'install', 'pause-install');
    case 'pause-install':
      return to(known, 'install');
    case 'install':
      return wantsReboot(known)
        ? beforePause(known, 'reboot', 'pause-reboot')
        : beforePause(known, 'commit', 'pause-commit');
    case 'pause-reboot':
      return to(known, 'reboot');
    case 'reboot':
      return to(known, 'verify-reboot');
    case 'verify-reboot':
      return to(known, 'after-reboot');
    case 'after-reboot':
      return beforePause(known, 'commit', 'pause-commit');
    case 'pause-commit':
      return to(known, 'commit');
    case 'commit':
      return to(known, 'after-first-commit');
    case 'after-first-commit':
      return to(known, 'after-commit');
    case 'rollback':
      return wantsReboot(known) ? to(known, 'rollback-reboot') : to(known, 'failure');
    case 'rollback-reboot':
      return to(known, 'verify-rollback-reboot');
    case 'verify-rollback-reboot':
      return to(known, 'after-rollback-reboot');
    case 'after-rollback-reboot':
      return to(known, 'failure');
    case 'after-commit':
    case 'failure':
      return to(known, 'cleanup');
    case 'cleanup':
      return to(known, 'report');
    case 'report':
      return undefined;
  }
}

function fail(record: UpdateRecord, failure: UpdateFailure): UpdateRecord | undefined {
  // What went wrong first is what it failed of.
  const failed: UpdateRecord = { ...record, failure: record.failure ?? failure };
  switch (record.step) {
    case 'fetch':
    case 'store':
    case 'after-store':
      return to(failed, 'cleanup');
    case 'pause-install':
      return to(failed, 'failure');
    case 'install':
    case 'pause-reboot':
    case 'reboot':
    case 'verify-reboot':
    case 'after-reboot':
    case 'pause-commit':
    case 'commit':
      return record.canRollBack ? to(failed, 'rollback') : to({ ...failed, isInconsistent: true }, 'failure');
    case 'after-first-commit':
    case 'after-commit':
      return to({ ...failed, isInconsistent: true }, 'cleanup');
    case 'rollback':
      return to({ ...failed, isInconsistent: true }, 'failure');
    case 'rollback-reboot':
      return to(failed, 'verify-rollback-reboot');
    case 'verify-rollback-reboot':
      return to(failed, 'rollback-reboot');
    case 'after-rollback-reboot':
      return to(failed, 'failure');
    case 'failure':
    case 'cleanup':
      // Nothing can be done about it; what the update came to stays as it is.
      return succeed(record, {});
    case 'report':
      return undefined;
  }
}

function resumed(record: UpdateRecord, bootId: string): UpdateRecord | undefined {
  const cut: UpdateFailure = {
    code: 'power-lost',
    step: record.step,
    message: `the gateway or its client stopped at the step ${record.step}`,
  };
  const isSameLife = record.bootId === bootId;
  switch (record.step) {
    case 'fetch':
      return undefined;
    case 'pause-install':
      return record;
    case 'pause-reboot':
    case 'pause-commit':
      // A start of the machine may have chosen other software by itself.
      return isSameLife ? record : fail(record, cut);
    case 'reboot':
      return isSameLife && needsMachine(record) ? record : to(record, 'verify-reboot');
    case 'rollback-reboot':
      return isSameLife && needsMachine(record) ? record : to(record, 'verify-rollback-reboot');
    case 'after-rollback-reboot':
      return to(record, 'verify-rollback-reboot');
    case 'install':
    case 'verify-reboot':
      return isPatientNow(record) ? record : fail(record, cut);
    case 'store':
    case 'after-store':
    case 'after-reboot':
    case 'commit':
      return fail(record, cut);
    case 'rollback':
    case 'verify-rollback-reboot':
    case 'after-first-commit':
    case 'after-commit':
    case 'failure':
    case 'cleanup':
    case 'report':
      return record;
  }
}

/** Whether the payload that is under way goes on where it was cut off, and so is no sign of an update without end. */
function isPatientNow({ step, patience, installed }: UpdateRecord): boolean {
  if (step === 'install') return patience[installed] === true;
  return (step === 'verify-reboot' || step === 'rollback') && patience.includes(true);
}

function to(record: UpdateRecord, step: Step): UpdateRecord {
  return { ...record, step, hasBegunReboot: record.hasBegunReboot || step === 'reboot' };
}

/** To `step`, or to wait before it. */
function beforePause(record: UpdateRecord, step: UpdatePause, pause: Step): UpdateRecord {
  return to(record, record.pauseBefore.includes(step) ? pause : step);
}

export function wantsReboot({ rebootNeeds }: UpdateRecord): boolean {
  return rebootNeeds.some((need) => need !== 'no');
}

/** Whether it is this machine that starts anew, and not something beside it. */
export function needsMachine({ rebootNeeds }: UpdateRecord): boolean {
  return rebootNeeds.includes('automatic');
}

/** Counts the steps; too many end the update where it stands. */
function bounded(before: UpdateRecord, next: UpdateRecord): UpdateRecord {
  const stored = before.stored + 1;
  if (stored <= UPDATE_STEPS_STORED_MAX || next.step === 'report') return { ...next, stored };
  const began = next.failure === undefined ? '' : `; it began with: ${next.failure.message}`;
  const isFirst = before.failure?.code !== 'loop';
  return {
    ...next,
    stored,
    // Once for `cleanup`, and not again and again when it is that which never ends.
    step: isFirst ? 'cleanup' : 'report',
    isInconsistent: next.isInconsistent || isFirst,
    failure: isFirst
      ? { code: 'loop', step: next.step, message: `more than ${UPDATE_STEPS_STORED_MAX} steps${began}` }
      : next.failure,
  };
}
