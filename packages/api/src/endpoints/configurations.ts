/** Configuration of a house: what its gateway and sensors should be set to, from where, and what they say they are. */
import { z } from 'zod';
import { configurationKey, configurationValue, configurationValues, confirmMs } from '../configuration-values.ts';
import { endpoint } from '../endpoint.ts';
import { CURSOR_LENGTH_MAX, DESCRIPTION_LENGTH_MAX, PAGE_DEFAULT, PAGE_MAX } from '../limits.ts';
import { id, time } from '../nouns.ts';
import { configurationField } from './configuration-schemas.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });

/**
 * How a house stands to what it should be set to. none: nobody desires anything. waiting: it has not been told, or has not
 * answered. confirming: it has the values, and goes back unless it is still there when its time is over. reverted: it went
 * back by itself. failed: it has them, and something could not be applied. differs: it says that it has other values.
 */
export const configurationState = z.enum(['none', 'current', 'waiting', 'confirming', 'reverted', 'failed', 'differs']);
export type ConfigurationState = z.infer<typeof configurationState>;

/** What could not be applied: a key, or null for a configure script. */
export const configurationProblem = z.object({ key: z.string().nullable(), message: z.string() });
export type ConfigurationProblem = z.infer<typeof configurationProblem>;

const fromGroup = z.object({ groupId: id, groupName: z.string(), priority: z.number().int() });

export const configurationEntry = z.object({
  key: z.string(),
  /** What it should be; null: nobody says. */
  desired: configurationValue.nullable(),
  /** Who says so: the house itself, a group, nobody but the schema (its default, which is not sent), or nobody at all. */
  origin: z.enum(['house', 'group', 'default', 'none']),
  /** Of `origin` group. */
  group: fromGroup.nullable(),
  /** Since when it should be this. */
  since: time.nullable(),
  /** What groups say that the house, or a stronger group, overrides; the strongest first. */
  overridden: z.array(fromGroup.extend({ value: configurationValue })),
  reported: configurationValue.nullable(),
  /** Since when the house says that it has this value. */
  reportedSince: time.nullable(),
  /** same: it has what it should. differs, missing: it has another value, or none. extra: it has one that nobody desires. */
  state: z.enum(['same', 'differs', 'missing', 'extra']),
  /** Why the schema takes the desired value for wrong; null: it is good. */
  error: z.string().nullable(),
});
export type ConfigurationEntry = z.infer<typeof configurationEntry>;

export const configuration = z.object({
  /** What is set for this house alone. */
  own: configurationValues,
  /** Counts the changes of `own`; send it as If-Match. */
  version: z.number().int(),
  /** All that it should be set to: `own` over the values of its groups. */
  desired: configurationValues,
  /** Rises with each change of `desired`; 0: nothing was ever desired. */
  desiredVersion: z.number().int(),
  desiredAt: time.nullable(),
  /** Who desired it; null for nobody. */
  desiredBy: z.string().nullable(),
  /** The house goes back by itself unless it is still connected so long after it has applied this version; null: it does not. */
  confirmMs: z.number().int().nullable(),
  /** What the house says it has; it may lag behind while it is away. */
  reported: configurationValues,
  reportedVersion: z.number().int(),
  reportedAt: time.nullable(),
  state: configurationState,
  problems: z.array(configurationProblem),
  /** The last time that the house went back by itself. */
  reverted: z
    .object({
      /** The version that it went back from. */
      version: z.number().int(),
      at: time,
      /** no-connection: it could not tell the server in time. restarts: it stopped several times. failed: see `problems`. */
      reason: z.enum(['no-connection', 'restarts', 'failed']),
    })
    .nullable(),
  /** By key: whatever is desired, reported, or known to a schema. */
  entries: z.array(configurationEntry),
  /** Whether a change of one of its groups has not come to this house yet. */
  isPending: z.boolean(),
});
export type Configuration = z.infer<typeof configuration>;

export const getDeviceConfiguration = endpoint({
  method: 'GET',
  path: '/api/v1/devices/{id}/configuration',
  summary: 'What a house should be set to, from where, and what it says it is',
  access: 'fleet.read',
  params: byId,
  query: none,
  body: nothing,
  result: configuration,
  status: 200,
});

/** Why it was changed, for the history. */
export const configurationNote = z.string().trim().max(DESCRIPTION_LENGTH_MAX).default('');

export const putDeviceConfiguration = endpoint({
  method: 'PUT',
  path: '/api/v1/devices/{id}/configuration',
  summary: 'Replace what is set for a house alone; it is told at once, or when it is back',
  access: 'configuration.write',
  action: 'configuration.replace',
  params: byId,
  query: none,
  body: z.object({
    values: configurationValues,
    confirmMs: confirmMs.nullable().default(null),
    note: configurationNote,
  }),
  result: configuration,
  status: 200,
});

export const retryDeviceConfiguration = endpoint({
  method: 'POST',
  path: '/api/v1/devices/{id}/configuration/retry',
  summary: 'Tell a house its configuration once more, as a new version, also when it went back by itself',
  access: 'configuration.write',
  action: 'configuration.retry',
  params: byId,
  query: none,
  body: z.object({ confirmMs: confirmMs.nullable().default(null) }),
  result: configuration,
  status: 200,
});

export const configurationVersion = z.object({
  version: z.number().int(),
  values: configurationValues,
  at: time,
  by: z.string().nullable(),
  note: z.string(),
});
export type ConfigurationVersion = z.infer<typeof configurationVersion>;

/** Pages of a history: those before a version. */
export const configurationHistoryPage = z.object({
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
});

export const listDeviceConfigurationVersions = endpoint({
  method: 'GET',
  path: '/api/v1/devices/{id}/configuration/versions',
  summary: 'What was set for a house alone, the newest version first',
  access: 'fleet.read',
  params: byId,
  query: configurationHistoryPage,
  body: nothing,
  result: z.object({ items: z.array(configurationVersion), hasMore: z.boolean() }),
  status: 200,
});

export const revertDeviceConfiguration = endpoint({
  method: 'POST',
  path: '/api/v1/devices/{id}/configuration/revert',
  summary: 'Set a house to what an earlier version said, as a new version',
  access: 'configuration.write',
  action: 'configuration.revert',
  params: byId,
  query: none,
  body: z.object({ version: z.number().int().min(0), confirmMs: confirmMs.nullable().default(null) }),
  result: configuration,
  status: 200,
});

export const configurationFormField = configurationField.extend({
  /** The whole key, `client/…` and `sensor/<id>/…` included. */
  key: configurationKey,
  /** The schema it is of. */
  schema: z.string(),
  /** The sensor it is of; null for the gateway and its client. */
  sensor: z.object({ id: z.string(), name: z.string(), kind: z.string() }).nullable(),
});
export type ConfigurationFormField = z.infer<typeof configurationFormField>;

export const getDeviceConfigurationForm = endpoint({
  method: 'GET',
  path: '/api/v1/devices/{id}/configuration/form',
  summary: 'What can be set on a house, by the schemas of its gateway and its sensors',
  access: 'fleet.read',
  params: byId,
  query: none,
  body: nothing,
  result: z.object({
    fields: z.array(configurationFormField),
    /** Whether the gateway takes keys that no schema names. */
    takesUnknown: z.boolean(),
  }),
  status: 200,
});

export const configurationCounts = z.object({
  current: z.number().int(),
  waiting: z.number().int(),
  confirming: z.number().int(),
  reverted: z.number().int(),
  failed: z.number().int(),
  differs: z.number().int(),
});
export type ConfigurationCounts = z.infer<typeof configurationCounts>;

export const listConfigurations = endpoint({
  method: 'GET',
  path: '/api/v1/configurations',
  summary: 'Houses by how they stand to what they should be set to, the longest desired first',
  access: 'fleet.read',
  params: none,
  query: z.object({
    /** `behind`: all but those that have what they should. */
    state: z.enum([...configurationState.exclude(['none']).options, 'behind']).optional(),
    groupId: id.optional(),
    cursor: z.string().max(CURSOR_LENGTH_MAX).optional(),
    limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  }),
  body: nothing,
  result: z.object({
    items: z.array(
      z.object({
        deviceId: id,
        deviceName: z.string(),
        connected: z.boolean(),
        state: configurationState,
        desiredVersion: z.number().int(),
        reportedVersion: z.number().int(),
        desiredAt: time,
        reportedAt: time.nullable(),
      }),
    ),
    /** Of all houses of the group, or of all. */
    counts: configurationCounts,
    next: z.string().nullable(),
  }),
  status: 200,
});
