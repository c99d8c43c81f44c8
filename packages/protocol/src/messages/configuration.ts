/**
 * Configuration (0x0104): what a gateway and the sensors behind it should be set to, and what they are.
 *
 *     server                                            gateway
 *       │  desired {version, values, confirmMs?} ────────▶│   when it changes, and again until it is answered
 *       │◀──────────── reported {version, values, …}      │   (props.id) once they are applied, and when they are confirmed
 *       │◀──────────── reverted {version, reason, …}      │   (props.id) it went back by itself; a reported of what it has follows
 *
 * With confirmMs the gateway keeps the values before until the server has acknowledged its report and the connection still
 * holds after that time. A version that it went back from it does not take again: only a higher one, or other values.
 */
import { CONFIGURATION_CONFIRM_MS_MAX, CONFIGURATION_PROBLEMS_MAX, CONFIGURATION_VALUES_MAX } from '../limits.ts';
import { message } from '../message.ts';
import { PROTO } from '../proto.ts';
import {
  boolean,
  either,
  fields,
  integer,
  list,
  messageId,
  name,
  number,
  oneOf,
  optional,
  record,
  sentence,
  string,
  type Read,
} from '../shape.ts';

const version = integer(0, Number.MAX_SAFE_INTEGER);
/** Flat: `key` for the gateway itself, `sensor/<id>/<key>` for a sensor, `client/<name>` for the client. */
const values = record(either(either(number, string(512)), boolean), CONFIGURATION_VALUES_MAX);
export type ConfigurationValues = { readonly [key: string]: Read<typeof values>[string] };

/** → device. Replaces all desired values; `version` rises with each change. */
export const configurationDesired = message(
  PROTO.configuration,
  'desired',
  {},
  fields({
    version,
    values,
    /** The device goes back to the values before unless it is still connected after this time. */
    confirmMs: optional(integer(0, CONFIGURATION_CONFIRM_MS_MAX)),
  }),
);

const problems = list(
  fields({
    /** The key that could not be applied; without it, something of its own: a configure script, the disk. */
    key: optional(name),
    message: sentence,
  }),
  CONFIGURATION_PROBLEMS_MAX,
);
export type ConfigurationProblems = Read<typeof problems>;

/** ← device. The values that it has stored and handed to its programs, and the version they are of. */
export const configurationReported = message(
  PROTO.configuration,
  'reported',
  { id: messageId },
  fields({
    version,
    values,
    /** It goes back from them unless it is still connected when their time is over. */
    isConfirming: optional(boolean),
    /** What could not be applied. */
    problems: optional(problems),
  }),
);

/** Why a gateway went back by itself. */
export const CONFIGURATION_REVERT_REASONS = [
  'no-connection', // it could not tell the server in time, or lost the connection
  'restarts', // its client stopped several times before the time was over
  'failed', // the values could not be applied
] as const;
export type ConfigurationRevertReason = (typeof CONFIGURATION_REVERT_REASONS)[number];

/** ← device. It went back from this version to the values before. */
export const configurationReverted = message(
  PROTO.configuration,
  'reverted',
  { id: messageId },
  fields({ version, reason: oneOf(...CONFIGURATION_REVERT_REASONS), problems: optional(problems) }),
);
