/** Webhooks and their deliveries; a worker makes them. */
import { randomBytes, randomUUID } from 'node:crypto';
import {
  createWebhook,
  deleteWebhook,
  getDelivery,
  getWebhook,
  listDeliveries,
  listWebhooks,
  replayDelivery,
  replayFailedDeliveries,
  rotateWebhookSecret,
  testWebhook,
  updateWebhook,
  type Delivery,
  type Permission,
  type Webhook,
} from '@lovely/api';
import { problemOfWebhookUrl } from '../domain/webhook-url.ts';
import { LovelyError } from '../errors.ts';
import { webhookSecret } from '../store/sealed.ts';
import type { Database } from '../store/store.ts';
import * as deliveries from '../store/webhook-deliveries.ts';
import * as webhooks from '../store/webhooks.ts';
import type { ApiContext, Person } from './context.ts';
import { route, type Http } from './route.ts';

/** As standardwebhooks recommends: 24 to 64 bytes. */
const SECRET_BYTES = 32;

export function routeWebhooks(http: Http, context: ApiContext): void {
  const { seal, webhooksAllowPrivate } = context;

  function requireAllowed(url: string): void {
    const problem = problemOfWebhookUrl(url, webhooksAllowPrivate);
    if (problem !== undefined) throw new LovelyError('bad-input', `url: ${problem}`, { pointer: '/url' });
  }

  route(http, context, listWebhooks, async ({ person, database }) => ({
    items: await webhooks.listWebhooks(database, person.tenantId),
  }));

  route(http, context, getWebhook, async ({ person, database, params }) =>
    webhooks.getWebhook(database, person.tenantId, params.id),
  );

  route(http, context, createWebhook, async ({ person, database, body, audit }) => {
    const { tenantId } = person;
    requireAllowed(body.url);
    requireReadable(person, body.events);
    const id = randomUUID();
    const secret = createSecret();
    await webhooks.insertWebhook(database, tenantId, { id, ...body, secret: seal.seal(webhookSecret(id), secret) });
    const webhook = await webhooks.getWebhook(database, tenantId, id);
    audit({ object: objectOf(webhook), after: written(webhook) });
    return { webhook, secret };
  });

  route(http, context, updateWebhook, async ({ person, database, params, body, ifVersion, audit }) => {
    const { tenantId } = person;
    if (body.url !== undefined) requireAllowed(body.url);
    const before = await webhooks.getWebhook(database, tenantId, params.id);
    // Somewhere else, or something else: either way, who says so could read it there.
    if (body.url !== undefined || body.events) requireReadable(person, body.events ?? before.events);
    await webhooks.updateWebhook(database, tenantId, params.id, body, ifVersion);
    const after = await webhooks.getWebhook(database, tenantId, params.id);
    audit({ object: objectOf(after), before: written(before), after: written(after) });
    return after;
  });

  route(http, context, deleteWebhook, async ({ person, database, params, ifVersion, audit }) => {
    const { tenantId } = person;
    const before = await webhooks.getWebhook(database, tenantId, params.id);
    await webhooks.deleteWebhook(database, tenantId, params.id, ifVersion);
    audit({ object: objectOf(before), before: written(before) });
    return undefined;
  });

  route(http, context, rotateWebhookSecret, async ({ person, database, params, body, ifVersion, audit }) => {
    const { tenantId } = person;
    const secret = createSecret();
    const sealed = seal.seal(webhookSecret(params.id), secret);
    await webhooks.replaceWebhookSecret(database, tenantId, params.id, sealed, body.overlapHours, ifVersion);
    const webhook = await webhooks.getWebhook(database, tenantId, params.id);
    audit({ object: objectOf(webhook), details: { overlapHours: body.overlapHours } });
    return { webhook, secret };
  });

  route(http, context, testWebhook, async ({ person, database, params, audit }) => {
    const { tenantId, user } = person;
    const webhook = await webhooks.getWebhook(database, tenantId, params.id);
    const data = { webhook: { id: webhook.id, name: webhook.name }, by: user.email };
    const id = await deliveries.insertTestDelivery(database, tenantId, webhook.id, data);
    audit({ object: objectOf(webhook), details: { delivery: id } });
    return await findDelivery(database, tenantId, webhook.id, id);
  });

  route(http, context, listDeliveries, async ({ person, database, params, query }) => {
    await webhooks.getWebhook(database, person.tenantId, params.id);
    return await deliveries.listDeliveries(database, person.tenantId, params.id, query);
  });

  route(http, context, getDelivery, async ({ person, database, params }) => {
    const delivery = await deliveries.getDelivery(database, person.tenantId, params.id, params.deliveryId);
    requireReadable(person, [delivery.event]);
    return delivery;
  });

  route(http, context, replayDelivery, async ({ person, database, params, audit }) => {
    const { tenantId } = person;
    const webhook = await webhooks.getWebhook(database, tenantId, params.id);
    await deliveries.replayDelivery(database, tenantId, params.id, params.deliveryId);
    audit({ object: objectOf(webhook), details: { delivery: params.deliveryId } });
    return await findDelivery(database, tenantId, params.id, params.deliveryId);
  });

  route(http, context, replayFailedDeliveries, async ({ person, database, params, body, audit }) => {
    const { tenantId } = person;
    const webhook = await webhooks.getWebhook(database, tenantId, params.id);
    const replayed = await deliveries.replayFailed(database, tenantId, params.id, new Date(body.since));
    audit({ object: objectOf(webhook), details: { since: body.since, replayed } });
    return { replayed };
  });
}

/** What one must be allowed to read to be told of an event, by how its name begins. */
const READ_BY: Readonly<Record<string, Permission>> = {
  alert: 'fleet.read',
  device: 'fleet.read',
  deployment: 'fleet.read',
  message: 'fleet.read',
  user: 'people.read',
  audit: 'audit.read',
};

/** Nobody has told to themselves what they may not read, or only of some houses. Throws 'not-allowed'. */
function requireReadable(person: Person, events: readonly Delivery['event'][]): void {
  for (const event of events) {
    const permission = READ_BY[event.split('.')[0]!];
    if (permission !== undefined && !(person.may(permission) && person.scope(permission).kind === 'all'))
      throw new LovelyError('not-allowed', `Of ${event} is told who may read everything of it: ${permission}.`);
  }
}

function createSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/** The payload is for who asks for one delivery. */
async function findDelivery(database: Database, tenantId: string, webhookId: string, id: string): Promise<Delivery> {
  const { payload: _, ...delivery } = await deliveries.getDelivery(database, tenantId, webhookId, id);
  return delivery;
}

function objectOf({ id, name }: Webhook): { type: string; id: string; name: string } {
  return { type: 'webhook', id, name };
}

/** What people write. Of the URL the place alone: its path is a secret to many receivers. */
function written({ name, url, events, enabled }: Webhook): Record<string, unknown> {
  return { name, url: new URL(url).origin, events, enabled };
}
