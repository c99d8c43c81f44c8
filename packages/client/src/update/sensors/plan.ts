/**
 * How one sensor comes to its new firmware, or back, and who may go on when. Pure: a sensor's record says which step comes next,
 * and is written down before that step is carried out.
 *
 *     describe ─▶ prepare ─▶ transfer ─▶ verify ─▶ staged ─▶ activate ─▶ confirm ─▶ done        describe ─▶ already
 *                               ▲──────────┘ ▲─────────────────────────────┘
 *     rollback ─▶ confirm-rollback ─▶ old                                    for good: failed, or on the way back lost
 *        ▲───────────────┘
 */
import type { SensorFirmware } from '@lovely/artifact';
import { NAME_LENGTH_MAX, type SensorDescription, type SensorUpdateState } from '@lovely/protocol';
import { SENSOR_FAILURES_MAX } from '../../limits.ts';
import type { DriverStep, StepEnd } from './driver.ts';

/** What comes next, or how it ended. */
export const STAGES = [
  'describe',
  'prepare',
  'transfer',
  'verify',
  'staged',
  'activate',
  'confirm',
  'done',
  'already',
  'failed',
  'rollback',
  'confirm-rollback',
  'old',
  'lost',
] as const;
export type Stage = (typeof STAGES)[number];

export interface SensorRecord {
  readonly id: string;
  readonly stage: Stage;
  /** What it ran before anything was done; '' until that is known. */
  readonly before: string;
  /** It may run the new firmware: the step that switches to it was begun. */
  readonly isSwitched: boolean;
  /** How many steps have failed on the way that it is on. */
  readonly failures: number;
  /** How long it was waited for on that way. */
  readonly waitedMs: number;
  /** Why it is where it is, for people. */
  readonly message: string;
}

/** The sensors that are meant, in the order of their turns. */
export function chooseSensors(
  firmware: SensorFirmware,
  sensors: Iterable<SensorDescription>,
  named: readonly string[] | undefined,
): SensorRecord[] {
  const { kinds, models, fromVersions, version } = firmware;
  const isAny = (list: readonly string[], one: string): boolean => list.length === 0 || list.includes(one);
  return [...sensors]
    .filter(({ kind, model }) => isAny(kinds, kind) && isAny(models, model))
    .filter((sensor) => isAny(fromVersions, sensor.firmware) || sensor.firmware === version)
    .filter(({ id }) => named === undefined || named.includes(id))
    .toSorted((one, other) => rankOf(firmware, one) - rankOf(firmware, other) || (one.id < other.id ? -1 : 1))
    .map(({ id }) => ({
      id,
      stage: 'describe',
      before: '',
      isSwitched: false,
      failures: 0,
      waitedMs: 0,
      message: '',
    }));
}

/** Sensors of a lower rank switch first. */
export function rankOf({ order }: SensorFirmware, sensor: Pick<SensorDescription, 'kind' | 'model'>): number {
  const at = order.findIndex((one) => one === sensor.kind || one === sensor.model);
  return at < 0 ? order.length : at;
}

const STEPS: { readonly [S in Stage]?: DriverStep } = {
  describe: 'describe',
  prepare: 'prepare',
  transfer: 'transfer',
  verify: 'verify',
  activate: 'activate',
  confirm: 'describe',
  rollback: 'rollback',
  'confirm-rollback': 'describe',
};

/** What the driver is to do; undefined where it has nothing to do. */
export function stepOf({ stage }: SensorRecord): DriverStep | undefined {
  return STEPS[stage];
}

export function isOver({ stage }: Pick<SensorRecord, 'stage'>): boolean {
  return STEPS[stage] === undefined && stage !== 'staged';
}

/** Whether nothing of the new firmware has reached it, so that there is nothing to bring back. */
function isUntouched({ stage }: SensorRecord): boolean {
  return stage === 'describe' || stage === 'already' || stage === 'old' || stage === 'lost';
}

/**
 * The sensors that have the firmware and may switch to it now. All or nothing means that none does before each has it; and
 * those of a rank wait for all of the rank before.
 */
export function switchable(
  records: readonly SensorRecord[],
  isAtomic: boolean,
  rank: (record: SensorRecord) => number,
): SensorRecord[] {
  const isBehind = (record: SensorRecord): boolean =>
    !isOver(record) && record.stage !== 'staged' && !record.isSwitched;
  if (isAtomic && records.some((record) => isBehind(record) || record.stage === 'failed')) return [];
  const lowest = Math.min(...records.filter((record) => !isOver(record)).map(rank));
  return records.filter((record) => record.stage === 'staged' && rank(record) === lowest);
}

export interface Course {
  readonly version: string;
  readonly waitMs: number;
  /** Whether a sensor that fails for good goes back by itself, as the others don't care. */
  readonly isAtomic: boolean;
}

/** What becomes of a sensor when its step has ended. */
export function afterStep(record: SensorRecord, end: StepEnd, course: Course): SensorRecord {
  switch (end.kind) {
    case 'done':
      if (stepOf(record) === 'describe' && !isVersion(end.firmware))
        return afterFailure(record, 'its driver does not say what firmware it runs', course);
      return { ...afterDone(record, end.firmware, course), waitedMs: 0 };
    case 'later':
      return afterAbsence(record, end.message, course);
    case 'failed':
      return afterFailure(record, end.message, course);
    case 'refused':
      return afterFailure({ ...record, failures: SENSOR_FAILURES_MAX }, end.message, course);
  }
}

function isVersion(firmware: string | undefined): firmware is string {
  return firmware !== undefined && firmware !== '' && firmware.length <= NAME_LENGTH_MAX;
}

/** The record as it switches. */
export function switching(record: SensorRecord): SensorRecord {
  return { ...record, stage: 'activate', isSwitched: true };
}

/** Sends it back to what it ran before; `reason` is why, where it isn't itself to blame. */
export function turnBack(record: SensorRecord, reason: string): SensorRecord {
  const message = record.stage === 'failed' ? record.message : reason;
  const isOnItsWay = record.stage === 'rollback' || record.stage === 'confirm-rollback';
  if (isOnItsWay || record.stage === 'already') return record;
  if (isUntouched(record)) return record.stage === 'describe' ? { ...record, stage: 'old', message } : record;
  if (record.before === '') return { ...record, stage: 'old', message };
  return { ...record, stage: 'rollback', failures: 0, waitedMs: 0, message };
}

function afterDone(record: SensorRecord, firmware: string | undefined, course: Course): SensorRecord {
  const next = (stage: Stage): SensorRecord => ({ ...record, stage });
  switch (record.stage) {
    case 'describe':
      if (firmware === course.version) return { ...record, stage: 'already', before: firmware, message: '' };
      return { ...record, stage: 'prepare', before: firmware!, message: '' };
    case 'prepare':
      return next('transfer');
    case 'transfer':
      return next('verify');
    case 'verify':
      return { ...record, stage: 'staged', message: '' };
    case 'activate':
      return next('confirm');
    case 'confirm':
      if (firmware === course.version) return { ...record, stage: 'done', message: '' };
      return afterFailure(record, record.message || `it still runs ${firmware} after it was to switch`, course);
    case 'rollback':
      return next('confirm-rollback');
    case 'confirm-rollback':
      if (firmware === record.before) return next('old');
      return afterFailure(record, `it runs ${firmware} instead of ${record.before}`, course);
    default:
      return record;
  }
}

/** Where a sensor goes on after a failure: what was half done is looked at, or made again. */
const AGAIN: { readonly [S in Stage]?: Stage } = {
  verify: 'transfer',
  confirm: 'verify',
  'confirm-rollback': 'rollback',
};

function afterFailure(record: SensorRecord, message: string, course: Course): SensorRecord {
  const { stage, failures } = record;
  // What it came to shows when the sensor is asked; that counts then.
  if (stage === 'activate' && failures < SENSOR_FAILURES_MAX) return { ...record, stage: 'confirm', message };
  if (stage === 'rollback') return { ...record, stage: 'confirm-rollback' };
  const failed = { ...record, failures: failures + 1 };
  if (failed.failures >= SENSOR_FAILURES_MAX) return forGood(failed, message, course);
  const next = { ...failed, stage: AGAIN[stage] ?? stage };
  return isGoingBack(record) ? next : { ...next, message };
}

function afterAbsence(record: SensorRecord, message: string, course: Course): SensorRecord {
  // It runs what it ran, whatever else it holds.
  if (isGoingBack(record) && !record.isSwitched) return { ...record, stage: 'old' };
  if (record.waitedMs < course.waitMs) return record;
  return forGood(record, `it could not be reached for ${inWords(record.waitedMs)}: ${message}`, course);
}

function forGood(record: SensorRecord, message: string, course: Course): SensorRecord {
  if (isGoingBack(record)) {
    if (!record.isSwitched) return { ...record, stage: 'old' };
    const why = record.message === '' ? '' : ` (${record.message})`;
    return { ...record, stage: 'lost', message: `it could not be brought back: ${message}${why}` };
  }
  const failed: SensorRecord = { ...record, stage: 'failed', message };
  return course.isAtomic ? failed : turnBack(failed, message);
}

export function isGoingBack({ stage }: SensorRecord): boolean {
  return stage === 'rollback' || stage === 'confirm-rollback';
}

function inWords(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 2) return `${Math.round(ms / 1000)} s`;
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}

const STATES: { readonly [S in Stage]: SensorUpdateState } = {
  describe: 'waiting',
  prepare: 'waiting',
  transfer: 'transferring',
  verify: 'verifying',
  staged: 'waiting',
  activate: 'activating',
  confirm: 'activating',
  done: 'success',
  already: 'already-installed',
  failed: 'rolling-back',
  rollback: 'rolling-back',
  'confirm-rollback': 'rolling-back',
  old: 'rolled-back',
  lost: 'failure',
};

/** As the backend is told; `isAway`: it can't be reached at the moment. */
export function stateOf(record: SensorRecord, isAway: boolean): SensorUpdateState {
  const state = STATES[record.stage];
  return isAway && !isOver(record) && !isGoingBack(record) ? 'waiting' : state;
}

/** How far along it is; a step that knows how far it is says so in `stepPercent`. */
export function percentOf(record: SensorRecord, stepPercent = 0): number {
  const [from, to] = SHARES[record.stage];
  return Math.round(from + ((to - from) * stepPercent) / 100);
}

/** Most of the time goes into the transfer. */
const SHARES: { readonly [S in Stage]: readonly [number, number] } = {
  describe: [0, 2],
  prepare: [2, 5],
  transfer: [5, 80],
  verify: [80, 85],
  staged: [85, 85],
  activate: [85, 95],
  confirm: [95, 100],
  done: [100, 100],
  already: [100, 100],
  failed: [100, 100],
  rollback: [0, 90],
  'confirm-rollback': [90, 100],
  old: [100, 100],
  lost: [100, 100],
};
