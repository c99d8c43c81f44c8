/**
 * Every subject of the bus and what its messages look like: MessagePack, checked on arrival. Device ids, tenants and
 * hub ids are tokens of letters, digits, - and _.
 *
 *     up.<proto, 4 hex digits>   hub → one worker        devices' frames
 *     up.custom.<the same>       hub → one worker        a frame of a program's own proto
 *     hub.<hub>.ack              worker → hub            the frames that are stored for good
 *     hub.<hub>.down             api → hub, answered     a frame for a device
 *     hub.<hub>.control          anyone → hub            drain
 *     hub.all.claim              hub → every hub         devices that have connected there
 *     hub.all.revoked            api → every hub, api    tokens that are void
 *     hub.all.tenant-deleted     api → every hub, api    a tenant whose tokens are all void
 *     hub.all.rules-changed      api → every hub         a tenant whose rules, or whom they are for, have changed
 *     api.all.logins-ended       api → every api         whose open WebSockets end
 *     api.<api>.session          hub → api               frames of a session
 *     api.<api>.session-closed   hub → api               a session's end
 *     presence                   hub → one worker, answered  connects and disconnects
 *     event.<tenant>.<kind>      worker, api → api       what has changed in the store
 */
import type { DeviceStatus, DisconnectReason, FixRunState, Health } from '@lovely/api';
import { ACK_IDS_MAX, CUSTOM_PROTO_MAX, CUSTOM_PROTO_MIN, FRAME_BYTES_MAX_UP, NAME_LENGTH_MAX } from '@lovely/protocol';
import {
  boolean,
  fields,
  integer,
  list,
  messageId,
  name,
  oneOf,
  optional,
  string,
  timeMs,
  type Read,
  type Shape,
} from '@lovely/protocol/shape';
import { BUS_BATCH_ITEMS_MAX, BUS_PAYLOAD_BYTES_MAX } from '../limits.ts';
import { asToken, bytes, token, type Question, type Topic } from './topic.ts';

/** The largest frame that fits into a message together with what travels with it. */
export const UP_FRAME_BYTES_MAX = Math.min(FRAME_BYTES_MAX_UP, BUS_PAYLOAD_BYTES_MAX - 1024);

const DURATION_MS_MAX = 24 * 3600 * 1000;

const epoch = integer(0, Number.MAX_SAFE_INTEGER);
const clockOffset = integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
const health = oneOf<Health>('ok', 'warning', 'critical', 'offline', 'unknown');
const deviceStatus = oneOf<DeviceStatus>('pending', 'accepted', 'rejected', 'preauthorized', 'noauth');
const disconnectReason = oneOf<DisconnectReason>(
  'closed',
  'timeout',
  'replaced',
  'drained',
  'rebooting-for-update',
  'revoked',
  'hub-lost',
  'protocol-error',
);

// Up: hub → worker

const upShape = fields({
  tenant: token,
  device: token,
  hub: token,
  epoch,
  receivedMs: timeMs,
  /** What to add to the device's times, where its clock is known to be wrong. */
  clockOffsetMs: optional(clockOffset),
  frame: bytes,
});
/** `frame` is the device's message as it came, ProtoMsg bytes. */
export type Up = Read<typeof upShape>;
const upList = list(upShape, BUS_BATCH_ITEMS_MAX);

export function up(proto: number): Topic<Up[]> {
  const number = proto.toString(16).padStart(4, '0');
  const isCustom = proto >= CUSTOM_PROTO_MIN && proto <= CUSTOM_PROTO_MAX;
  return { subject: isCustom ? `up.custom.${number}` : `up.${number}`, shape: upList };
}

/** The protos of programs; for subscribing. */
export const upCustom: Topic<Up[]> = { subject: 'up.custom.*', shape: upList };

/** Every proto; for subscribing. */
export const upAny: Topic<Up[]> = { subject: 'up.>', shape: upList };

const presenceChange = fields({
  tenant: token,
  device: token,
  hub: token,
  epoch,
  connected: boolean,
  ts: timeMs,
  /** Why the connection ended. */
  reason: optional(disconnectReason),
  /** Program and version, each a name with a space between, where the client said hello. */
  client: optional(string(2 * NAME_LENGTH_MAX + 1)),
  /** What the running client calls itself. */
  instance: optional(name),
  /** Where the connection came from. */
  address: optional(name),
});
export type PresenceChange = Read<typeof presenceChange>;

/** Answered with how many changes were stored, after the commit; a hub asks again until it is. */
export const presence: Question<PresenceChange[], number> = {
  subject: 'presence',
  shape: list(presenceChange, BUS_BATCH_ITEMS_MAX),
  answer: integer(0, BUS_BATCH_ITEMS_MAX),
};

// To hubs

const downShape = fields({
  device: token,
  /** The connection that is meant; without it, any of the device. */
  epoch: optional(epoch),
  frame: bytes,
  /** The api process that gets the frames of the session `sid`. */
  api: optional(token),
  sid: optional(name),
});
export type Down = Read<typeof downShape>;

const downAnswer = fields({
  ok: boolean,
  /** Not ok: the device isn't connected here, or its socket takes no more at the moment. */
  code: optional(oneOf('gone', 'busy')),
});
export type DownAnswer = Read<typeof downAnswer>;

export function hubDown(hub: string): Question<Down, DownAnswer> {
  return { subject: `hub.${asToken(hub)}.down`, shape: downShape, answer: downAnswer };
}

const ack = fields({ device: token, epoch, ids: list(messageId, ACK_IDS_MAX) });
export type Ack = Read<typeof ack>;

export function hubAck(hub: string): Topic<Ack[]> {
  return { subject: `hub.${asToken(hub)}.ack`, shape: list(ack, BUS_BATCH_ITEMS_MAX) };
}

/** Tell the devices to come back elsewhere, spread over `spreadMs`. */
const hubControlShape = fields({ kind: oneOf('drain'), spreadMs: integer(0, DURATION_MS_MAX) });
export type HubControl = Read<typeof hubControlShape>;

export function hubControl(hub: string): Topic<HubControl> {
  return { subject: `hub.${asToken(hub)}.control`, shape: hubControlShape };
}

const claim = fields({ device: token, epoch, hub: token });
export type Claim = Read<typeof claim>;

export const claims: Topic<Claim[]> = { subject: 'hub.all.claim', shape: list(claim, BUS_BATCH_ITEMS_MAX) };

const revokedShape = fields({
  device: token,
  /** The auth sets whose tokens are void when they were issued up to `revokedAtMs`. */
  authSetIds: list(token, BUS_BATCH_ITEMS_MAX),
  revokedAtMs: timeMs,
});
export type Revoked = Read<typeof revokedShape>;

export const revoked: Topic<Revoked> = { subject: 'hub.all.revoked', shape: revokedShape };

/** All device tokens of the tenant are void. */
const tenantDeletedShape = fields({ tenant: token });
export type TenantDeleted = Read<typeof tenantDeletedShape>;

export const tenantDeleted: Topic<TenantDeleted> = { subject: 'hub.all.tenant-deleted', shape: tenantDeletedShape };

/** The rules of the tenant, or whom they are for, have changed. */
const rulesChangedShape = fields({ tenant: token });
export type RulesChanged = Read<typeof rulesChangedShape>;

export const rulesChanged: Topic<RulesChanged> = { subject: 'hub.all.rules-changed', shape: rulesChangedShape };

// To every api process

/** Ids of logins, access tokens, users or tenants: what is open for one of them ends. */
const loginsEndedShape = fields({ ids: list(token, BUS_BATCH_ITEMS_MAX) });
export type LoginsEnded = Read<typeof loginsEndedShape>;

export const loginsEnded: Topic<LoginsEnded> = { subject: 'api.all.logins-ended', shape: loginsEndedShape };

// To one api process

const sessionFrame = fields({ device: token, sid: name, frame: bytes });
export type SessionFrame = Read<typeof sessionFrame>;

export function apiSession(api: string): Topic<SessionFrame> {
  return { subject: `api.${asToken(api)}.session`, shape: sessionFrame };
}

/** `reason` is why the session can't go on: a code of the error catalogue or a disconnect reason. */
const sessionClosed = fields({ device: token, sid: name, reason: name });
export type SessionClosed = Read<typeof sessionClosed>;

/** Comes after the last frame of the session. */
export function apiSessionClosed(api: string): Topic<SessionClosed> {
  return { subject: `api.${asToken(api)}.session-closed`, shape: sessionClosed };
}

// Events: what has changed in the store, after the commit

const alertChange = oneOf(
  'opened',
  'reopened',
  'closed',
  'acknowledged',
  'unacknowledged',
  'assigned',
  'snoozed',
  'unsnoozed',
  'commented',
);

const EVENTS = {
  presence: fields({ device: token, connected: boolean, ts: timeMs, reason: optional(disconnectReason) }),
  health: fields({ device: token, health, ts: timeMs }),
  alert: fields({ device: token, alert: token, change: alertChange, ts: timeMs }),
  /** `device` is one of its houses. */
  incident: fields({
    device: token,
    incident: token,
    change: oneOf('opened', 'updated', 'reopened', 'closed'),
    ts: timeMs,
  }),
  device: fields({ device: token, change: oneOf('created', 'updated', 'deleted'), status: deviceStatus }),
  status: fields({ device: token, ts: timeMs }),
  /** The house told of other sensors than before. */
  sensors: fields({ device: token, ts: timeMs }),
  'fix-run': fields({
    device: token,
    alert: token,
    run: token,
    rollout: optional(token),
    state: oneOf<FixRunState>(
      'waiting',
      'running',
      'checking',
      'helped',
      'not-helped',
      'failed',
      'refused',
      'cancelled',
    ),
    ts: timeMs,
  }),
  /** What a house should be set to, or says it is. */
  configuration: fields({ device: token, ts: timeMs }),
  /** How far a house is in a deployment, or the deployment as a whole: then it is one of its houses. */
  deployment: fields({ device: token, deployment: token, ts: timeMs }),
  /** Other software runs on a house than before. */
  software: fields({ device: token, ts: timeMs }),
  /** Devices came into a static group or left it. */
  group: fields({ group: token, devices: list(token, BUS_BATCH_ITEMS_MAX) }),
};

export type EventKind = keyof typeof EVENTS;
export type Event<K extends EventKind> = Read<(typeof EVENTS)[K]>;

export function event<K extends EventKind>(tenant: string, kind: K): Topic<Event<K>[]> {
  return eventTopic(asToken(tenant), kind);
}

/** The events of every tenant; for subscribing. `eventTenant` tells whose it is. */
export function eventAny<K extends EventKind>(kind: K): Topic<Event<K>[]> {
  return eventTopic('*', kind);
}

/** The tenant in the subject of an event. */
export function eventTenant(subject: string): string {
  return subject.split('.')[1]!;
}

function eventTopic<K extends EventKind>(tenant: string, kind: K): Topic<Event<K>[]> {
  return { subject: `event.${tenant}.${kind}`, shape: list(EVENTS[kind] as Shape<Event<K>>, BUS_BATCH_ITEMS_MAX) };
}
