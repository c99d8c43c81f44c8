/** Alerts: problems of houses, what people do about them, and what happened to each in order. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import {
  ALERT_COUNT_MAX,
  ALERT_IDS_MAX,
  ALERTS_CHANGED_MAX,
  CLOSE_REASON_LENGTH_MAX,
  COMMENT_LENGTH_MAX,
  CURSOR_LENGTH_MAX,
  NAME_LENGTH_MAX,
  PAGE_DEFAULT,
  PAGE_MAX,
} from '../limits.ts';
import { alert, alertState, id, person, severity, time } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });

/** Which alerts; all of it must hold. */
const filter = {
  /** `active` is all that aren't closed: open, acknowledged and snoozed. */
  state: z.enum([...alertState.options, 'active']).optional(),
  severity: severity.optional(),
  rule: z.string().max(128).optional(),
  deviceId: id.optional(),
  /** Of houses in this group. */
  group: id.optional(),
  /** Who looks after it: `me`, `nobody`, or a user. */
  assignee: z.union([z.enum(['me', 'nobody']), id]).optional(),
  incidentId: id.optional(),
  /** Each word begins a word of the house (name, address, tags) or of the rule's title. */
  search: z.string().max(NAME_LENGTH_MAX).optional(),
  /** Opened since then. */
  since: time.optional(),
};

/** What happened to an alert. `fix-run`, `notified` and `escalated` say in `details` which and to whom. */
export const alertEventKind = z.enum([
  'opened',
  'reopened',
  'raised',
  'closed',
  'acknowledged',
  'unacknowledged',
  'assigned',
  'snoozed',
  'unsnoozed',
  'comment',
  'incident',
  'fix-run',
  'notified',
  'escalated',
]);
export type AlertEventKind = z.infer<typeof alertEventKind>;

export const alertEvent = z.object({
  id: z.string(),
  at: time,
  kind: alertEventKind,
  /** The person who did it; null for what the gateway or the server did. The name is that of then. */
  by: person.nullable(),
  /** A comment, a reason, or what else there is to say in words; may be empty. */
  text: z.string(),
  /** By kind: `assigned` {userId, name}, `snoozed` {until}, `closed` {by}, `raised` {count}, `incident` {incidentId}, … */
  details: z.record(z.string(), z.unknown()),
});
export type AlertEvent = z.infer<typeof alertEvent>;

export const alertDetail = alert.extend({
  /** Oldest first; of a long story only the newest part, and every comment. */
  timeline: z.array(alertEvent),
});
export type AlertDetail = z.infer<typeof alertDetail>;

const assignment = {
  /** Null: nobody looks after it any more. Somebody who may not see the house is refused. */
  userId: id.nullable(),
};
const snooze = {
  /** From now to SNOOZE_DAYS_MAX days ahead. */
  until: time,
};
const resolution = { reason: z.string().trim().max(CLOSE_REASON_LENGTH_MAX).default('') };
const comment = { text: z.string().trim().min(1).max(COMMENT_LENGTH_MAX) };

/** One thing done to many alerts. Where it is so already, nothing changes. */
export const alertAction = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('acknowledge') }),
  z.object({ kind: z.literal('unacknowledge') }),
  z.object({ kind: z.literal('assign'), ...assignment }),
  z.object({ kind: z.literal('snooze'), ...snooze }),
  z.object({ kind: z.literal('unsnooze') }),
  z.object({ kind: z.literal('resolve'), ...resolution }),
  z.object({ kind: z.literal('reopen') }),
  z.object({ kind: z.literal('comment'), ...comment }),
]);
export type AlertAction = z.infer<typeof alertAction>;

/** What came of it; to undo it, do the opposite to `alertIds`. */
export const alertsChanged = z.object({
  /** Those that are different now. Houses that the caller may not change, and people who may not see one, were left out. */
  alertIds: z.array(id).max(ALERTS_CHANGED_MAX),
  /** There are more than one request changes: send it once more. */
  more: z.boolean(),
});
export type AlertsChanged = z.infer<typeof alertsChanged>;

export const listAlerts = endpoint({
  method: 'GET',
  path: '/api/v1/alerts',
  summary: 'Alerts, newest first, a page at a time',
  access: 'fleet.read',
  params: none,
  query: z.object({
    ...filter,
    cursor: z.string().max(CURSOR_LENGTH_MAX).optional(),
    limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  }),
  body: nothing,
  result: z.object({ items: z.array(alert), next: z.string().nullable() }),
  status: 200,
});

export const listAlertFacets = endpoint({
  method: 'GET',
  path: '/api/v1/alerts/facets',
  summary: 'How many alerts are in which state, and what occurs among those of one state',
  access: 'fleet.read',
  params: none,
  query: z.object({ state: filter.state.default('open') }),
  body: nothing,
  result: z.object({
    counts: z.object({
      open: z.number().int(),
      acknowledged: z.number().int(),
      snoozed: z.number().int(),
      /** Not closed, and the caller looks after them. */
      mine: z.number().int(),
      /** No higher than ALERT_COUNT_MAX. */
      closed: z.number().int().max(ALERT_COUNT_MAX),
    }),
    /** The most common first, counted among the newest of this state. */
    rules: z.array(z.object({ rule: z.string(), title: z.string(), alerts: z.number().int() })),
    severities: z.array(z.object({ severity, alerts: z.number().int() })),
    assignees: z.array(z.object({ id, name: z.string(), alerts: z.number().int() })),
  }),
  status: 200,
});

export const getAlert = endpoint({
  method: 'GET',
  path: '/api/v1/alerts/{id}',
  summary: 'One alert with what happened to it',
  access: 'fleet.read',
  params: byId,
  query: none,
  body: nothing,
  result: alertDetail,
  status: 200,
});

export const listAssignees = endpoint({
  method: 'GET',
  path: '/api/v1/alerts/{id}/assignees',
  summary: 'Who can look after an alert: people who may see its house, by name',
  access: 'alert.write',
  params: byId,
  query: none,
  body: nothing,
  result: z.object({ items: z.array(person) }),
  status: 200,
});

export const acknowledgeAlert = endpoint({
  method: 'POST',
  path: '/api/v1/alerts/{id}/acknowledgement',
  summary: 'Say that you have seen an alert; the house stays red',
  access: 'alert.write',
  action: 'alert.acknowledge',
  params: byId,
  query: none,
  body: nothing,
  result: alert,
  status: 200,
});

export const unacknowledgeAlert = endpoint({
  method: 'DELETE',
  path: '/api/v1/alerts/{id}/acknowledgement',
  summary: 'Take it back that an alert was seen',
  access: 'alert.write',
  action: 'alert.unacknowledge',
  params: byId,
  query: none,
  body: nothing,
  result: alert,
  status: 200,
});

export const assignAlert = endpoint({
  method: 'PUT',
  path: '/api/v1/alerts/{id}/assignee',
  summary: 'Say who looks after an alert',
  access: 'alert.write',
  action: 'alert.assign',
  params: byId,
  query: none,
  body: z.object(assignment),
  result: alert,
  status: 200,
});

export const snoozeAlert = endpoint({
  method: 'POST',
  path: '/api/v1/alerts/{id}/snooze',
  summary: 'Leave an alert aside until then: the house isn’t red for it and nobody is told',
  access: 'alert.write',
  action: 'alert.snooze',
  params: byId,
  query: none,
  body: z.object(snooze),
  result: alert,
  status: 200,
});

export const unsnoozeAlert = endpoint({
  method: 'DELETE',
  path: '/api/v1/alerts/{id}/snooze',
  summary: 'End the snooze of an alert now',
  access: 'alert.write',
  action: 'alert.unsnooze',
  params: byId,
  query: none,
  body: nothing,
  result: alert,
  status: 200,
});

export const resolveAlert = endpoint({
  method: 'POST',
  path: '/api/v1/alerts/{id}/resolution',
  summary: 'Close an alert by hand; when the gateway raises it again soon, it is open again',
  access: 'alert.write',
  action: 'alert.resolve',
  params: byId,
  query: none,
  body: z.object(resolution),
  result: alert,
  status: 200,
});

export const reopenAlert = endpoint({
  method: 'DELETE',
  path: '/api/v1/alerts/{id}/resolution',
  summary: 'Undo the closing of an alert by hand; where there is a newer open one of the same problem, it stays closed',
  access: 'alert.write',
  action: 'alert.reopen',
  params: byId,
  query: none,
  body: nothing,
  result: alert,
  status: 200,
});

export const commentAlert = endpoint({
  method: 'POST',
  path: '/api/v1/alerts/{id}/comments',
  summary: 'Write a comment on an alert',
  access: 'alert.write',
  action: 'alert.comment',
  params: byId,
  query: none,
  body: z.object(comment),
  result: alertDetail,
  status: 201,
});

export const changeAlerts = endpoint({
  method: 'POST',
  path: '/api/v1/alerts/changes',
  summary: 'Do one thing to many alerts: those with these ids, or all of one rule',
  access: 'alert.write',
  action: 'alert.change',
  params: none,
  query: none,
  body: z.object({
    which: z.union([
      z.object({ alertIds: z.array(id).min(1).max(ALERT_IDS_MAX) }),
      /** Those of the rule that are in this state; `active` unless said otherwise. */
      z.object({ rule: z.string().min(1).max(128), state: filter.state.default('active') }),
    ]),
    action: alertAction,
  }),
  result: alertsChanged,
  status: 200,
});
