/** The nouns as the API shows them. Times are RFC 3339 in UTC; ids are UUIDs. */
import { z } from 'zod';
import { NAME_LENGTH_MAX, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN, TAG_LENGTH_MAX, TAGS_MAX } from './limits.ts';
import { PERMISSION_NAMES } from './roles.ts';

export const id = z.uuid();
export const time = z.iso.datetime();
/** One that somebody chooses now; the server refuses common ones too. */
export const newPassword = z.string().min(PASSWORD_LENGTH_MIN).max(PASSWORD_LENGTH_MAX);

/** Worst first is `critical`, `offline`, `warning`, `ok`; `unknown` has never been connected. */
export const health = z.enum(['ok', 'warning', 'critical', 'offline', 'unknown']);
export type Health = z.infer<typeof health>;

export const deviceStatus = z.enum(['pending', 'accepted', 'rejected', 'preauthorized', 'noauth']);
export type DeviceStatus = z.infer<typeof deviceStatus>;

/** Why a connection ended. */
export const disconnectReason = z.enum([
  'closed',
  'timeout',
  'replaced',
  'drained',
  'rebooting-for-update',
  'revoked',
  'hub-lost',
  'protocol-error',
]);
export type DisconnectReason = z.infer<typeof disconnectReason>;

export const authSet = z.object({
  id,
  status: z.enum(['pending', 'accepted', 'rejected', 'preauthorized']),
  /** SHA-256 of the public key's DER, as colon-separated hex: what the gateway prints too. */
  fingerprint: z.string(),
  keyType: z.string(),
  createdAt: time,
});
export type AuthSet = z.infer<typeof authSet>;

export const place = z.object({ latitude: z.number().min(-85).max(85), longitude: z.number().min(-180).max(180) });
export type Place = z.infer<typeof place>;

export const device = z.object({
  id,
  /** Name of the house; the identity's serial or address until somebody names it. */
  name: z.string(),
  address: z.string(),
  location: place.nullable(),
  tags: z.array(z.string()),
  identity: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  status: deviceStatus,
  health,
  connected: z.boolean(),
  /** When the current connection began or the last one ended; null when never connected. */
  connectionChangedAt: time.nullable(),
  disconnectReason: disconnectReason.nullable(),
  /** Why it isn't connected, in words that end a sentence; null while it is, and when it never was. */
  disconnectWords: z.string().nullable(),
  /** Open and acknowledged alerts; snoozed ones don't count. */
  openAlerts: z.number().int(),
  /** Counts what people changed; send it as `If-Match: "<version>"` to change what you have seen. */
  version: z.number().int(),
  createdAt: time,
  updatedAt: time,
});
export type Device = z.infer<typeof device>;

export const deviceDetail = device.extend({
  authSets: z.array(authSet),
  /** Inventory attributes by name. */
  inventory: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  inventoryAt: time.nullable(),
  /** The client program and version that said hello, e.g. "nice-smart-client 0.1.0"; null for Mender's clients. */
  client: z.string().nullable(),
});
export type DeviceDetail = z.infer<typeof deviceDetail>;

export const metricValue = z.union([z.number(), z.string(), z.boolean()]);

export const metric = z.object({
  source: z.string(),
  name: z.string(),
  value: metricValue,
  ts: time,
});
export type Metric = z.infer<typeof metric>;

export const severity = z.enum(['warning', 'critical']);
export type Severity = z.infer<typeof severity>;

/** Somebody who did something or looks after it. */
export const person = z.object({ id, name: z.string() });
export type PersonName = z.infer<typeof person>;

/**
 * `open`: nobody has looked at it. `acknowledged`: somebody has; the house stays red. `snoozed`: it doesn't count until
 * `snoozedUntil`; the house isn't red for it. `closed`: the problem is gone.
 */
export const alertState = z.enum(['open', 'acknowledged', 'snoozed', 'closed']);
export type AlertState = z.infer<typeof alertState>;

export const alert = z.object({
  id,
  deviceId: id,
  deviceName: z.string(),
  /** Empty for the gateway, else the sensor or the part of the gateway that it is about. */
  source: z.string(),
  rule: z.string(),
  severity,
  title: z.string(),
  /** What is wrong here, with the values at hand. */
  description: z.string(),
  cause: z.string(),
  /** Steps in plain words. */
  suggestion: z.array(z.string()),
  values: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  state: alertState,
  openedAt: time,
  /** How often it was raised, reopenings included, and when the last time was. */
  count: z.number().int(),
  lastRaisedAt: time,
  /** How often it came back soon after it was closed, and is the same alert therefore. */
  reopened: z.number().int(),
  acknowledgedAt: time.nullable(),
  /** Null when nobody did, or whoever did is no user any more. */
  acknowledgedBy: person.nullable(),
  /** Who looks after it. */
  assignee: person.nullable(),
  snoozedUntil: time.nullable(),
  closedAt: time.nullable(),
  /** Who found that it is over: the gateway, the server, or a person. */
  closedBy: z.enum(['device', 'server', 'user']).nullable(),
  closedByUser: person.nullable(),
  /** What the person wrote, or the server found. */
  closeReason: z.string().nullable(),
  /** The incident it is part of: the same problem of many houses. */
  incidentId: id.nullable(),
  comments: z.number().int(),
});
export type Alert = z.infer<typeof alert>;

/** Alerts of one rule that are open or acknowledged, for the "needs attention" list. */
export const alertGroup = z.object({
  rule: z.string(),
  title: z.string(),
  suggestion: z.string(),
  severity,
  devices: z.number().int(),
});
export type AlertGroup = z.infer<typeof alertGroup>;

export const user = z.object({
  id,
  email: z.email(),
  name: z.string(),
  tenant: z.object({ id, name: z.string() }),
  /** What they may do, and with which houses: all, or those of these groups. A permission they lack is missing. */
  permissions: z.partialRecord(z.enum(PERMISSION_NAMES), z.union([z.literal('all'), z.array(id)])),
  /** The tenant asks for a second factor and this sign-in had none: until one is set up there are no permissions. */
  mustSetUpSecondFactor: z.boolean(),
});
export type User = z.infer<typeof user>;

export const town = z.object({
  name: z.string(),
  country: z.string(),
  latitude: z.number(),
  longitude: z.number(),
  population: z.number(),
});
export type Town = z.infer<typeof town>;

/** RFC 9457 problem details; `code` is from the error catalogue. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
  requestId: z.string(),
  /** Which member of the input is wrong, where that is known. */
  pointer: z.string().optional(),
  /** Everything that is wrong with the input, where several members are. */
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});
export type Problem = z.infer<typeof problem>;

export const tags = z.array(z.string().trim().min(1).max(TAG_LENGTH_MAX)).max(TAGS_MAX);

export const devicePatch = z.object({
  name: z.string().trim().min(1).max(NAME_LENGTH_MAX).optional(),
  address: z.string().trim().max(NAME_LENGTH_MAX).optional(),
  location: place.nullable().optional(),
  tags: tags.optional(),
});
export type DevicePatch = z.infer<typeof devicePatch>;
