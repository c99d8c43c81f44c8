/**
 * Who is told of alerts: notification policies of the tenant, what each person wants to be told for themselves (their
 * subscription), and the log of what was sent to whom. docs/notifications.md explains it as a whole.
 */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import {
  ESCALATION_STEPS_MAX,
  NAME_LENGTH_MAX,
  NOTIFICATION_DELAY_SECONDS_MAX,
  NOTIFICATION_MATCHES_MAX,
  NOTIFICATION_MINUTES_MAX,
  NOTIFICATION_POLICIES_MAX,
  ONE_TIME_CODE_LENGTH_MAX,
  PAGE_DEFAULT,
  PAGE_MAX,
  RECIPIENTS_MAX,
  RULE_KEY_LENGTH_MAX,
} from '../limits.ts';
import { id, severity, time } from '../nouns.ts';
import { timeZone } from '../time-zone.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });
const policyName = z.string().trim().min(1).max(NAME_LENGTH_MAX);
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day, as 22:00');
const minutes = z.number().int().max(NOTIFICATION_MINUTES_MAX);
const page = {
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
};

const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .max(NOTIFICATION_MATCHES_MAX)
    .overwrite((items) => [...new Set(items)]);

/** Which alerts; an empty list is for all. */
export const alertMatch = z.object({
  severities: listOf(severity),
  /** Keys of rules. */
  rules: listOf(z.string().min(1).max(RULE_KEY_LENGTH_MAX)),
  /** Houses in any of these groups. */
  groupIds: listOf(id),
  /** Kinds of the sensors that have the problem; `gateway` for the gateway itself. */
  sensorKinds: listOf(z.string().min(1).max(64)),
});
export type AlertMatch = z.infer<typeof alertMatch>;

/** When nobody is told; what is still wrong afterwards is told then. `from` equal to `to` is the whole day. */
export const quietHours = z.object({
  from: timeOfDay,
  to: timeOfDay,
  /** On which days they begin: 1 is Monday, 7 Sunday. */
  days: z
    .array(z.number().int().min(1).max(7))
    .min(1)
    .max(7)
    .overwrite((days) => [...new Set(days)].toSorted((a, b) => a - b)),
  timeZone,
  /** Critical alerts are told nevertheless. */
  criticalBreaksThrough: z.boolean(),
});
export type QuietHours = z.infer<typeof quietHours>;

/** People are told only of houses that they may see, and not at all while their account is disabled. */
export const recipient = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('user'), userId: id }),
  z.object({ kind: z.literal('role'), roleId: z.string().min(1).max(64) }),
  /** Somebody outside, who is told of all houses. */
  z.object({
    kind: z.literal('email'),
    address: z.email('an e-mail address, as janitor@example.com').max(NAME_LENGTH_MAX),
  }),
  /** One that listens for `alert.notified`. */
  z.object({ kind: z.literal('webhook'), webhookId: id }),
]);
export type Recipient = z.infer<typeof recipient>;

const recipients = z.array(recipient).min(1).max(RECIPIENTS_MAX);

/** Who else is told when nobody has acknowledged within so many minutes after the first message. */
export const escalationStep = z.object({ afterMinutes: minutes.min(1), recipients });
export type EscalationStep = z.infer<typeof escalationStep>;

const escalation = z
  .array(escalationStep)
  .max(ESCALATION_STEPS_MAX)
  .refine(
    (steps) => steps.every(({ afterMinutes }, at) => at === 0 || afterMinutes > steps[at - 1]!.afterMinutes),
    'each step comes later than the one before it',
  );

const policyFields = {
  name: policyName,
  enabled: z.boolean(),
  match: alertMatch,
  recipients,
  escalation,
  /** How long a problem must last before anybody is told; one that is over sooner is never told. */
  delaySeconds: z.number().int().min(0).max(NOTIFICATION_DELAY_SECONDS_MAX),
  /** Alerts of one incident, or else of one rule, that come within so many minutes are one message; 0: each is its own. */
  bundleMinutes: minutes.min(0),
  /** How often those told so far are reminded until somebody acknowledges; null: never. */
  repeatMinutes: minutes.min(5).nullable(),
  quietHours: quietHours.nullable(),
  /** Whoever was told of a problem is told when it is over. */
  tellsResolved: z.boolean(),
  /** Where this one applies, those below it don't. */
  isLast: z.boolean(),
};

export const notificationPolicy = z.object({
  id,
  ...policyFields,
  /** They are asked in this order, from 1. */
  position: z.number().int(),
  version: z.number().int(),
  createdAt: time,
  updatedAt: time,
});
export type NotificationPolicy = z.infer<typeof notificationPolicy>;

/** What somebody wants to be told for themselves, by e-mail, of the houses that they may see. */
export const subscription = z.object({
  enabled: z.boolean(),
  match: alertMatch,
  /** They hold for what policies tell this person by e-mail, too. */
  quietHours: quietHours.nullable(),
  tellsResolved: z.boolean(),
  /** Where mail goes: the address of the account. */
  address: z.string(),
  /** Whether the system has a mail server at all. */
  canMail: z.boolean(),
  version: z.number().int(),
});
export type Subscription = z.infer<typeof subscription>;

export const notificationKind = z.enum(['opened', 'more', 'reminder', 'escalation', 'resolved', 'test']);
export type NotificationKind = z.infer<typeof notificationKind>;

/** `waiting`: held by quiet hours or a limit, or on its way. `skipped`: there was nothing to tell any more. */
export const notificationState = z.enum(['waiting', 'sending', 'sent', 'failed', 'skipped']);
export type NotificationState = z.infer<typeof notificationState>;

/** One message to one recipient about one or many alerts. */
export const notification = z.object({
  id,
  kind: notificationKind,
  state: notificationState,
  channel: z.enum(['email', 'webhook']),
  /** The name of the person or webhook; of somebody outside the address. */
  recipient: z.string(),
  /** Null when it is nobody of the tenant. */
  userId: id.nullable(),
  /** Null for somebody's own subscription and for a policy that is gone. */
  policyId: id.nullable(),
  /** The policy's name as it was then; null for somebody's own subscription. */
  policyName: z.string().nullable(),
  /** What it is about, in one line. */
  subject: z.string(),
  /** How many alerts it is about. */
  alerts: z.number().int(),
  /** Why it waits, failed or was skipped, in words; null otherwise. */
  reason: z.string().nullable(),
  attempts: z.number().int(),
  createdAt: time,
  /** When it is sent at the earliest. */
  dueAt: time,
  sentAt: time.nullable(),
});
export type Notification = z.infer<typeof notification>;

/** Who would be told, and when. */
export const notificationPreview = z.object({
  /** Null for somebody's own subscription. */
  policyId: id.nullable(),
  policyName: z.string().nullable(),
  channel: z.enum(['email', 'webhook']),
  recipient: z.string(),
  userId: id.nullable(),
  /** 0: at first; n: by the nth step of escalation, if nobody acknowledges. */
  step: z.number().int(),
  at: time,
  /** It would be told earlier if these hours weren't quiet. */
  isHeldByQuietHours: z.boolean(),
  /** Why they would not be told, in words; null when they would. */
  hindrance: z.string().nullable(),
});
export type NotificationPreview = z.infer<typeof notificationPreview>;

export const listNotificationPolicies = endpoint({
  method: 'GET',
  path: '/api/v1/notification-policies',
  summary: 'Notification policies, in the order in which they are asked',
  access: 'notification.write',
  params: none,
  query: none,
  body: nothing,
  result: z.object({ items: z.array(notificationPolicy) }),
  status: 200,
});

export const getNotificationPolicy = endpoint({
  method: 'GET',
  path: '/api/v1/notification-policies/{id}',
  summary: 'One notification policy',
  access: 'notification.write',
  params: byId,
  query: none,
  body: nothing,
  result: notificationPolicy,
  status: 200,
});

export const createNotificationPolicy = endpoint({
  method: 'POST',
  path: '/api/v1/notification-policies',
  summary: 'Make a notification policy, as the last one',
  access: 'notification.write',
  action: 'notification-policy.create',
  params: none,
  query: none,
  body: z.object({
    ...policyFields,
    enabled: policyFields.enabled.default(true),
    match: alertMatch.default({ severities: [], rules: [], groupIds: [], sensorKinds: [] }),
    escalation: escalation.default([]),
    delaySeconds: policyFields.delaySeconds.default(60),
    bundleMinutes: policyFields.bundleMinutes.default(10),
    repeatMinutes: policyFields.repeatMinutes.default(null),
    quietHours: policyFields.quietHours.default(null),
    tellsResolved: policyFields.tellsResolved.default(true),
    isLast: policyFields.isLast.default(false),
  }),
  result: notificationPolicy,
  status: 201,
});

export const updateNotificationPolicy = endpoint({
  method: 'PATCH',
  path: '/api/v1/notification-policies/{id}',
  summary: 'Change a notification policy; what it was told of already goes on as it began',
  access: 'notification.write',
  action: 'notification-policy.update',
  params: byId,
  query: none,
  body: z.object(policyFields).partial(),
  result: notificationPolicy,
  status: 200,
});

export const deleteNotificationPolicy = endpoint({
  method: 'DELETE',
  path: '/api/v1/notification-policies/{id}',
  summary: 'Delete a notification policy; nobody is told anything more by it',
  access: 'notification.write',
  action: 'notification-policy.delete',
  params: byId,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});

export const orderNotificationPolicies = endpoint({
  method: 'PUT',
  path: '/api/v1/notification-policies/order',
  summary: 'Say in which order the policies are asked; every policy is named once',
  access: 'notification.write',
  action: 'notification-policy.order',
  params: none,
  query: none,
  body: z.object({ ids: z.array(id).max(NOTIFICATION_POLICIES_MAX) }),
  result: z.object({ items: z.array(notificationPolicy) }),
  status: 200,
});

/** A POST because it names an alert that isn't there. */
export const previewNotifications = endpoint({
  method: 'POST',
  path: '/api/v1/notification-previews',
  summary: 'Who would be told, and when, if this house had this alert now',
  access: 'notification.write',
  action: null,
  params: none,
  query: none,
  body: z.object({
    deviceId: id,
    severity,
    rule: z.string().max(RULE_KEY_LENGTH_MAX).default(''),
    /** The sensor that has it; '' for the gateway. */
    source: z.string().max(64).default(''),
  }),
  result: z.object({ items: z.array(notificationPreview) }),
  status: 200,
});

export const listNotifications = endpoint({
  method: 'GET',
  path: '/api/v1/notifications',
  summary: 'What was sent to whom, newest first, a page at a time; kept for some days',
  access: 'notification.write',
  params: none,
  query: z.object({
    state: notificationState.optional(),
    policyId: id.optional(),
    userId: id.optional(),
    ...page,
  }),
  body: nothing,
  result: z.object({ items: z.array(notification), next: z.string().nullable() }),
  status: 200,
});

export const listAlertNotifications = endpoint({
  method: 'GET',
  path: '/api/v1/alerts/{id}/notifications',
  summary: 'Who was told of an alert, newest first',
  access: 'fleet.read',
  params: byId,
  query: none,
  body: nothing,
  result: z.object({ items: z.array(notification) }),
  status: 200,
});

export const getSubscription = endpoint({
  method: 'GET',
  path: '/api/v1/me/subscription',
  summary: 'What one is told for oneself',
  access: 'person',
  params: none,
  query: none,
  body: nothing,
  result: subscription,
  status: 200,
});

export const updateSubscription = endpoint({
  method: 'PATCH',
  path: '/api/v1/me/subscription',
  summary: 'Change what one is told for oneself',
  access: 'person',
  action: 'subscription.update',
  params: none,
  query: none,
  body: z.object({
    enabled: z.boolean().optional(),
    match: alertMatch.optional(),
    quietHours: quietHours.nullable().optional(),
    tellsResolved: z.boolean().optional(),
  }),
  result: subscription,
  status: 200,
});

export const testSubscription = endpoint({
  method: 'POST',
  path: '/api/v1/me/subscription/tests',
  summary: 'Send a test message to the own address',
  access: 'person',
  action: 'subscription.test',
  params: none,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});

/** By the link at the end of each mail. To an address outside, nothing is sent any more by any policy. */
export const stopNotifications = endpoint({
  method: 'POST',
  path: '/api/v1/notification-stops',
  summary: 'Unsubscribe by the code in a mail; again and again, with the same effect',
  access: 'anyone',
  params: none,
  query: none,
  body: z.object({ code: z.string().min(1).max(ONE_TIME_CODE_LENGTH_MAX) }),
  result: z.object({ address: z.string() }),
  status: 200,
});
