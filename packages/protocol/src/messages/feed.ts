/** Feed (0x0201, browser channel): what happens in the fleet, so that pages need not ask again and again. */
import { message } from '../message.ts';
import { PROTO } from '../proto.ts';
import { fields, integer, list, name, oneOf, optional, string, timeMs, type Read } from '../shape.ts';

export const FEED_EVENTS_MAX = 500;

const count = integer(0, Number.MAX_SAFE_INTEGER);

/** One thing that happened; a page that shows the noun asks the HTTP API for its new state. */
const event = fields({
  kind: oneOf(
    'device',
    'presence',
    'alert',
    'status',
    'inventory',
    'sensors',
    'incident',
    'fix-run',
    'configuration',
    'deployment',
    'software',
  ),
  deviceId: name,
  ts: timeMs,
  /** For `alert` and `fix-run`: the alert's id. */
  alertId: optional(name),
  /** For `incident`: its id; the device is one of its houses. */
  incidentId: optional(name),
  /** For `fix-run`: the run's id, and that of the rollout it belongs to. */
  runId: optional(name),
  rolloutId: optional(name),
  /** For `deployment`: its id; the device is the house that it changed on, or one of its houses. */
  deploymentId: optional(name),
  /** For `presence`: connected or disconnected; for `alert`: opened, closed, snoozed …; for `incident`: opened, updated, reopened or closed; for `device`: its status; for `fix-run`: its state. */
  change: optional(string(64)),
});
export type FeedEvent = Read<typeof event>;

/** → browser, batched: at most four a second. */
export const feedEvents = message(PROTO.feed, 'events', {}, list(event, FEED_EVENTS_MAX));

const summary = fields({
  ts: timeMs,
  /** Accepted devices, by health. `unknown` never connected. */
  devices: count,
  connected: count,
  pending: count,
  ok: count,
  warning: count,
  critical: count,
  offline: count,
  unknown: count,
  alerts: count,
  /** Changes of health in the last second. */
  changesPerSecond: integer(0, 2 ** 32),
});
export type FleetSummary = Read<typeof summary>;

/** → browser, once at connect and then at most once a second while it changes. */
export const feedSummary = message(PROTO.feed, 'summary', {}, summary);
