/**
 * Update (0x0103): new software for a gateway and the sensors behind it.
 *
 *     server                                            gateway
 *       │◀──────────────────────── provides {…} (props.id)│   what is installed: after hello, and when it changes
 *       │  offer {deployment, attempt, artifact, …} ─────▶│   again after each hello, until the attempt is over
 *       │◀──────────── state {…, state, atMs} (props.id)  │   each step, spooled until it is acknowledged
 *       │◀──────────────── progress {…, percent, bytes}   │   now and then; may get lost
 *       │  pause | continue | abort {deployment} ────────▶│
 *       │◀─────────────────────────── log {…} (props.id)  │   after a failure, before the last state
 *
 * The states are those of Mender's deployments (COMPAT 2.3). A gateway takes one offer at a time, answers one that it is busy
 * with by its present state, and one that it has finished by its last: an offer may be sent again at will. Whether an
 * artifact may be installed the gateway decides by itself, by the keys and the policy on its disk.
 */
import {
  PROVIDES_MAX,
  SENSORS_MAX,
  UPDATE_ATTEMPTS_MAX,
  UPDATE_LOG_LINES_MAX,
  UPDATE_PATH_LENGTH_MAX,
  UPDATE_SENSORS_MAX,
} from '../limits.ts';
import { message } from '../message.ts';
import { PROTO } from '../proto.ts';
import {
  boolean,
  fields,
  integer,
  list,
  messageId,
  name,
  oneOf,
  optional,
  record,
  sentence,
  string,
  timeMs,
  type Read,
} from '../shape.ts';

/** The states that a device tells, as Mender's clients name them. */
export const UPDATE_STATES = [
  'downloading',
  'pause_before_installing',
  'installing',
  'pause_before_rebooting',
  'rebooting',
  'pause_before_committing',
  'success',
  'failure',
  'already-installed',
] as const;
export type UpdateState = (typeof UPDATE_STATES)[number];

/** Where an update may wait for `continue`. */
export const UPDATE_PAUSES = ['install', 'reboot', 'commit'] as const;
export type UpdatePause = (typeof UPDATE_PAUSES)[number];

/** Why an update failed; stable, for programs. */
export const UPDATE_CAUSES = [
  'not-allowed', // the gateway's owner does not let the server update it
  'no-space',
  'download-failed', // the artifact could not be fetched in time
  'bad-artifact', // it is not as Mender's format says, or not what was offered
  'bad-checksum',
  'unsigned',
  'bad-signature',
  'wrong-device-type',
  'missing-depends',
  'missing-module', // no update module for a payload's type
  'module-failed',
  'script-failed',
  'timed-out', // a module or script said nothing for too long, or took too long
  'reboot-failed', // it did not come up, or not with the new software
  'sensor-failed',
  'power-lost', // the gateway or its client stopped at a step that can't be gone on with
  'aborted',
  'disk-failed', // what must be remembered could not be written
  'loop', // too many steps: it would have gone on for ever
] as const;
export type UpdateCause = (typeof UPDATE_CAUSES)[number];

/** SHA-256 in small hex digits. */
const sha256 = string(64, 64);
const deployment = name;
const attempt = integer(1, UPDATE_ATTEMPTS_MAX);
const bytes = integer(0, Number.MAX_SAFE_INTEGER);
const percent = integer(0, 100);

const artifact = fields({
  /** `artifact_name` in its header. */
  name,
  bytes,
  /** Of the artifact as it is downloaded. */
  sha256,
  /** Where on this server it can be had, with the proof that it may; good until `expiresMs`, and then another offer brings another. */
  path: string(UPDATE_PATH_LENGTH_MAX, 1),
  expiresMs: timeMs,
});

const offer = fields({
  deployment,
  /** Rises with each retry: what was finished as an earlier attempt is tried anew. */
  attempt,
  artifact,
  /** Install it even when it is what is installed. */
  isForced: optional(boolean),
  pauseBefore: optional(list(oneOf(...UPDATE_PAUSES), UPDATE_PAUSES.length)),
  /** How fast it may be downloaded; without it, as fast as it goes. */
  bytesPerSecond: optional(integer(1, Number.MAX_SAFE_INTEGER)),
  /** The sensors that are meant; without it, all that fit the artifact. */
  sensors: optional(list(name, UPDATE_SENSORS_MAX)),
});
export type UpdateOffer = Read<typeof offer>;

/** → device. */
export const updateOffer = message(PROTO.update, 'offer', {}, offer);

/** → device. Waits before this step from now on; `continue` goes on, also when it waits there now. */
export const updatePause = message(
  PROTO.update,
  'pause',
  {},
  fields({ deployment, before: list(oneOf(...UPDATE_PAUSES), UPDATE_PAUSES.length) }),
);
export const updateContinue = message(PROTO.update, 'continue', {}, fields({ deployment }));

/** → device. Ends it, and goes back to what was there before; too late after the commit. */
export const updateAbort = message(PROTO.update, 'abort', {}, fields({ deployment }));

export const SENSOR_UPDATE_STATES = [
  'waiting', // for its turn, or for the sensor to be reachable
  'transferring',
  'verifying',
  'activating',
  'success',
  'rolling-back',
  'rolled-back',
  'failure', // and it could not be brought back
  'already-installed',
] as const;
export type SensorUpdateState = (typeof SENSOR_UPDATE_STATES)[number];

const sensor = fields({
  id: name,
  state: oneOf(...SENSOR_UPDATE_STATES),
  percent: optional(percent),
  /** Why, for people; empty when there is nothing to say. */
  message: optional(sentence),
});
export type SensorUpdate = Read<typeof sensor>;

const state = fields({
  deployment,
  attempt,
  state: oneOf(...UPDATE_STATES),
  /** The step or script that it is at, for people. */
  substate: optional(sentence),
  atMs: timeMs,
  /** How much of the artifact has been downloaded in this attempt. */
  bytes: optional(bytes),
  /** Of a failure, told with its first state. */
  cause: optional(
    fields({
      code: oneOf(...UPDATE_CAUSES),
      /** The step that failed, as update modules and scripts name it. */
      step: name,
      message: sentence,
    }),
  ),
  /** Whether a failed update brought the software of before back; of the last `failure` only. */
  isRolledBack: optional(boolean),
  /** Those of which there is news. */
  sensors: optional(list(sensor, SENSORS_MAX)),
});
export type UpdateReport = Read<typeof state>;

/** ← device. The last one, `success`, `failure` or `already-installed` without `substate`, ends the attempt. */
export const updateState = message(PROTO.update, 'state', { id: messageId }, state);

/** ← device. Of the state that it is in. */
export const updateProgress = message(
  PROTO.update,
  'progress',
  {},
  fields({ deployment, attempt, percent, bytes, sensors: optional(list(sensor, SENSORS_MAX)) }),
);

const logLine = fields({ atMs: timeMs, level: oneOf('debug', 'info', 'warning', 'error'), message: sentence });

/** ← device. What it did and saw; long lines and too many of them are cut. */
export const updateLog = message(
  PROTO.update,
  'log',
  { id: messageId },
  fields({
    deployment,
    attempt,
    lines: list(logLine, UPDATE_LOG_LINES_MAX),
  }),
);
export type UpdateLogLine = Read<typeof logLine>;

/** ← device. All that it provides: `artifact_name`, `device_type`, and whatever its artifacts brought (COMPAT 4). */
export const updateProvides = message(
  PROTO.update,
  'provides',
  { id: messageId },
  fields({ values: record(sentence, PROVIDES_MAX) }),
);
