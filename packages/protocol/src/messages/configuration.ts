/** Configuration (0x0104): what a gateway and the sensors behind it should be set to, and what they are. */
import { CONFIGURATION_VALUES_MAX } from '../limits.ts';
import { message } from '../message.ts';
import { PROTO } from '../proto.ts';
import { boolean, either, fields, integer, messageId, number, optional, record, string, type Read } from '../shape.ts';

const version = integer(0, Number.MAX_SAFE_INTEGER);
/** Flat: `key` for the gateway itself, `sensor/<id>/<key>` for a sensor. */
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
    confirmMs: optional(integer(0, 3600_000)),
  }),
);

/** ← device. The values that it has stored and handed to its programs, and the version they are of. */
export const configurationReported = message(
  PROTO.configuration,
  'reported',
  { id: messageId },
  fields({ version, values }),
);
