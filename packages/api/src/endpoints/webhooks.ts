/**
 * Webhooks: a tenant's own programs are told what happens, by HTTP posts that are signed as standardwebhooks.com says.
 * The body is `{"type": "alert.opened", "timestamp": "…", "data": {…}}`; docs/webhooks.md has the data of each event.
 */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { NAME_LENGTH_MAX, PAGE_DEFAULT, PAGE_MAX, SECRET_OVERLAP_HOURS_MAX, URL_LENGTH_MAX } from '../limits.ts';
import { id, time } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });
const byDelivery = z.object({ id, deliveryId: id });

/** What can be listened for, and when it happens. */
export const WEBHOOK_EVENTS = {
  'alert.opened': 'A house has a new problem',
  'alert.closed': 'A problem is gone',
  'alert.reopened': 'A problem whose alert was closed is back',
  'alert.notified': 'A notification policy that names this webhook tells of problems',
  'device.created': 'A gateway was seen for the first time, or was pre-authorised',
  'device.accepted': 'A gateway was accepted',
  'device.updated': 'The name, address, place, tags or status of a device changed',
  'device.deleted': 'A device was deleted',
  'device.connected': 'A gateway is here; frequent',
  'device.disconnected': 'A gateway is gone, and why; frequent',
  'deployment.started': 'A deployment began',
  'deployment.paused-by-gate': 'A deployment paused by itself, as its houses are not well',
  'deployment.finished': 'A deployment is over, whatever came of it',
  'message.received': 'A program on a gateway sent a message of a proto of yours; frequent',
  'user.created': 'Somebody became a user',
  'user.updated': 'The name, the roles or the state of a user changed',
  'user.deleted': 'A user was deleted',
  'audit.created': 'Anything was written into the audit log; frequent',
} as const satisfies Record<string, string>;
export type WebhookEvent = keyof typeof WEBHOOK_EVENTS;

/** What a test delivery carries; nobody listens for it. */
export const WEBHOOK_TEST_EVENT = 'webhook.test';

const eventName = z.enum(Object.keys(WEBHOOK_EVENTS) as [WebhookEvent, ...WebhookEvent[]]);
const events = z
  .array(eventName)
  .min(1)
  .transform((names) => [...new Set(names)]);
const name = z.string().trim().min(1).max(NAME_LENGTH_MAX);
/** An https URL without a user's name or password in it; the server refuses addresses inside its own network. */
const url = z.url({ protocol: /^https?$/, error: 'a web address, as https://example.com/hooks' }).max(URL_LENGTH_MAX);

export const webhook = z.object({
  id,
  name: z.string(),
  url: z.string(),
  events: z.array(eventName),
  enabled: z.boolean(),
  /** Why the system itself disabled it; null when it didn't. */
  disabledReason: z.string().nullable(),
  /** Since when no delivery has succeeded; null while they do. */
  failingSince: time.nullable(),
  /** After many failures in a row nothing is tried until then. */
  pausedUntil: time.nullable(),
  /** Until when deliveries are signed with the secret before, too; null: with the newest only. */
  oldSecretUntil: time.nullable(),
  /** Deliveries that wait to be made or to be tried again. */
  waiting: z.number().int(),
  /** When a delivery last succeeded. */
  deliveredAt: time.nullable(),
  version: z.number().int(),
  createdAt: time,
  updatedAt: time,
});
export type Webhook = z.infer<typeof webhook>;

/** `whsec_…`, for the verifying library of the receiver. Shown here and never again. */
const withSecret = z.object({ webhook, secret: z.string() });

export const deliveryState = z.enum(['waiting', 'delivered', 'failed']);

export const delivery = z.object({
  /** The header `webhook-id`: the same at every try, so that a receiver can leave out what it has seen. */
  id,
  event: z.union([eventName, z.literal(WEBHOOK_TEST_EVENT)]),
  state: deliveryState,
  attempts: z.number().int(),
  createdAt: time,
  /** Of the last try. */
  attemptedAt: time.nullable(),
  /** When it is tried next; null when it isn't. */
  nextAttemptAt: time.nullable(),
  /** HTTP status that the receiver answered at the last try; null when it didn't answer. */
  status: z.number().int().nullable(),
  /** Why the last try failed, in words; null when it didn't. */
  error: z.string().nullable(),
  durationMs: z.number().int().nullable(),
  /** How the receiver's answer at the last try begins. */
  responseExcerpt: z.string().nullable(),
});
export type Delivery = z.infer<typeof delivery>;

export const deliveryDetail = delivery.extend({
  /** The body that is sent, as JSON. */
  payload: z.string(),
});
export type DeliveryDetail = z.infer<typeof deliveryDetail>;

export const listWebhooks = endpoint({
  method: 'GET',
  path: '/api/v1/webhooks',
  summary: 'Webhooks of the tenant, oldest first',
  access: 'webhook.write',
  params: none,
  query: none,
  body: nothing,
  result: z.object({ items: z.array(webhook) }),
  status: 200,
});

export const getWebhook = endpoint({
  method: 'GET',
  path: '/api/v1/webhooks/{id}',
  summary: 'One webhook',
  access: 'webhook.write',
  params: byId,
  query: none,
  body: nothing,
  result: webhook,
  status: 200,
});

export const createWebhook = endpoint({
  method: 'POST',
  path: '/api/v1/webhooks',
  summary: 'Make a webhook; the answer is the only one that holds its secret',
  access: 'webhook.write',
  action: 'webhook.create',
  params: none,
  query: none,
  body: z.object({ name, url, events, enabled: z.boolean().default(true) }),
  result: withSecret,
  status: 201,
});

export const updateWebhook = endpoint({
  method: 'PATCH',
  path: '/api/v1/webhooks/{id}',
  summary: 'Change a webhook; enabling one that was disabled forgets its failures',
  access: 'webhook.write',
  action: 'webhook.update',
  params: byId,
  query: none,
  body: z.object({
    name: name.optional(),
    url: url.optional(),
    events: events.optional(),
    enabled: z.boolean().optional(),
  }),
  result: webhook,
  status: 200,
});

export const deleteWebhook = endpoint({
  method: 'DELETE',
  path: '/api/v1/webhooks/{id}',
  summary: 'Delete a webhook with its deliveries',
  access: 'webhook.write',
  action: 'webhook.delete',
  params: byId,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});

export const rotateWebhookSecret = endpoint({
  method: 'POST',
  path: '/api/v1/webhooks/{id}/secrets',
  summary: 'Make a new secret; deliveries are signed with the old one too for the hours given, 0 for not at all',
  access: 'webhook.write',
  action: 'webhook.rotate-secret',
  params: byId,
  query: none,
  body: z.object({ overlapHours: z.number().int().min(0).max(SECRET_OVERLAP_HOURS_MAX).default(24) }),
  result: withSecret,
  status: 201,
});

export const testWebhook = endpoint({
  method: 'POST',
  path: '/api/v1/webhooks/{id}/tests',
  summary: 'Send a test event at once, also to a disabled webhook; it is tried once',
  access: 'webhook.write',
  action: 'webhook.test',
  params: byId,
  query: none,
  body: nothing,
  result: delivery,
  status: 201,
});

export const listDeliveries = endpoint({
  method: 'GET',
  path: '/api/v1/webhooks/{id}/deliveries',
  summary: 'Deliveries of a webhook, newest first, a page at a time; kept for some days',
  access: 'webhook.write',
  params: byId,
  query: z.object({
    state: deliveryState.optional(),
    cursor: z.string().max(200).optional(),
    limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  }),
  body: nothing,
  result: z.object({ items: z.array(delivery), next: z.string().nullable() }),
  status: 200,
});

export const getDelivery = endpoint({
  method: 'GET',
  path: '/api/v1/webhooks/{id}/deliveries/{deliveryId}',
  summary: 'One delivery, with what is sent',
  access: 'webhook.write',
  params: byDelivery,
  query: none,
  body: nothing,
  result: deliveryDetail,
  status: 200,
});

export const replayDelivery = endpoint({
  method: 'POST',
  path: '/api/v1/webhooks/{id}/deliveries/{deliveryId}/replays',
  summary: 'Send a delivery once more, with the same id',
  access: 'webhook.write',
  action: 'webhook.replay',
  params: byDelivery,
  query: none,
  body: nothing,
  result: delivery,
  status: 201,
});

export const replayFailedDeliveries = endpoint({
  method: 'POST',
  path: '/api/v1/webhooks/{id}/replays',
  summary: 'Send all failed deliveries since a time once more',
  access: 'webhook.write',
  action: 'webhook.replay',
  params: byId,
  query: none,
  body: z.object({ since: time }),
  result: z.object({ replayed: z.number().int() }),
  status: 200,
});
