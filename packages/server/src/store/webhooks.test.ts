import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { WebhookEvent } from '@lovely/api';
import type { LovelyError } from '../errors.ts';
import { WEBHOOKS_MAX } from '../limits.ts';
import { applyAlertEvents, type AlertEvent } from './alerts.ts';
import { requestAuthSet, setAuthSetStatus } from './auth-sets.ts';
import { appendAudit } from './audit.ts';
import { applyPresence } from './presence.ts';
import type { Store } from './store.ts';
import { ensureFirstTenant } from './tenants.ts';
import { TEST_DATABASES, type TestDatabases } from './test-databases.ts';
import { passWebhookTime } from './test-webhooks.ts';
import {
  claimDeliveries,
  deleteOldDeliveries,
  disableDeadWebhooks,
  getDelivery,
  listDeliveries,
  noteWebhookFailure,
  replayDelivery,
  replayFailed,
  settleDelivery,
  type Claim,
} from './webhook-deliveries.ts';
import { deleteWebhook, getWebhook, insertWebhook, listWebhooks, updateWebhook } from './webhooks.ts';

const ALL: WebhookEvent[] = [
  'alert.opened',
  'alert.closed',
  'device.created',
  'device.accepted',
  'device.updated',
  'device.deleted',
  'device.connected',
  'device.disconnected',
  'user.created',
  'user.updated',
  'user.deleted',
  'audit.created',
];
const FAILURE = { status: 500, error: 'The receiver answered 500.', durationMs: 3, responseExcerpt: 'oh' };

for (const server of TEST_DATABASES)
  describe.skipIf(!server.isInstalled)(`webhooks on ${server.name}`, () => {
    let databases: TestDatabases;
    let store: Store;
    let tenantId: string;
    beforeAll(async () => {
      databases = await server.start();
    }, 60_000);
    afterAll(async () => await databases[Symbol.asyncDispose]());
    beforeEach(async () => {
      store = await databases.open();
      tenantId = (await ensureFirstTenant(store.database)).id;
    });

    async function listen(events: WebhookEvent[] = ALL, tenant = tenantId): Promise<string> {
      const id = randomUUID();
      const webhook = { id, name: 'mine', url: 'https://example.com/', events, enabled: true, secret: 'sealed' };
      await insertWebhook(store.of(tenant), tenant, webhook);
      return id;
    }

    async function join(): Promise<string> {
      const key = { pem: randomUUID(), type: 'ed25519', fingerprint: randomUUID() };
      const { authSet } = await requestAuthSet(store.database, tenantId, { sn: randomUUID() }, key as never);
      await setAuthSetStatus(store.database, tenantId, authSet.deviceId, authSet.id, 'accepted');
      return authSet.deviceId;
    }

    /** Events of a webhook, oldest first, with what they carry. */
    async function told(
      webhookId: string,
    ): Promise<{ event: string; data: Record<string, Record<string, unknown>> }[]> {
      const { items } = await listDeliveries(store.database, tenantId, webhookId, { limit: 100 });
      const details = await Promise.all(
        items.map(async ({ id }) => await getDelivery(store.database, tenantId, webhookId, id)),
      );
      return details.toReversed().map(({ event, payload }) => {
        const body = JSON.parse(payload) as { type: string; timestamp: string; data: never };
        expect(body.type).toBe(event);
        expect(new Date(body.timestamp).getTime()).toBeWithin(Date.now() - 60_000, Date.now() + 60_000);
        return { event, data: body.data };
      });
    }
    const eventsOf = async (webhookId: string): Promise<string[]> => (await told(webhookId)).map(({ event }) => event);

    const raise = (deviceId: string, messageId: number): AlertEvent => ({
      kind: 'raise',
      deviceId,
      messageId,
      ts: new Date(),
      source: '/data',
      rule: 'disk-almost-full',
      severity: 'critical',
      description: 'full',
      values: { usedPercent: 97 },
    });
    const clear = (deviceId: string, messageId: number): AlertEvent => ({
      kind: 'clear',
      deviceId,
      messageId,
      ts: new Date(),
      source: '/data',
      rule: 'disk-almost-full',
    });
    const claim = (
      busy = { webhookIds: [] as string[], tenantIds: [] as string[] },
      perWebhook = 4,
    ): Promise<Claim[]> =>
      claimDeliveries(store.database, { limit: 64, perWebhook, perTenant: 8, lostMs: 60_000, busy });

    test('an alert is told once when it opens and once when it closes, however often it repeats', async () => {
      const device = await join();
      const webhook = await listen();
      await applyAlertEvents(store, [raise(device, 1)]);
      await applyAlertEvents(store, [raise(device, 2), raise(device, 3)]);
      await applyAlertEvents(store, [clear(device, 4)]);
      await applyAlertEvents(store, [clear(device, 5)]);
      const events = await told(webhook);
      expect(events.map(({ event }) => event)).toEqual(['alert.opened', 'alert.closed']);
      expect(events[0]!.data.alert).toMatchObject({ rule: 'disk-almost-full', severity: 'critical', closedAt: null });
      expect(events[0]!.data.alert!.suggestion).toBeArray();
      expect(events[0]!.data.device).toMatchObject({ id: device });
      expect(events[1]!.data.alert!.closedAt).toBeString();
    });

    test('a device is told when it is made, accepted, changed and deleted, and its inner changes are not', async () => {
      const webhook = await listen();
      const device = await join();
      const change = async (set: ReturnType<typeof sql>): Promise<void> =>
        void (await sql`update devices set ${set} where id = ${device}`.execute(store.of(tenantId)));
      await change(sql`name = 'House 7'`);
      await change(sql`health = 'critical', inventory = '{"a":"b"}', updated_at = now()`);
      await sql`delete from devices where id = ${device}`.execute(store.of(tenantId));
      const events = await told(webhook);
      expect(events.map(({ event }) => event).filter((event) => event !== 'device.updated')).toEqual([
        'device.created',
        'device.accepted',
        'device.deleted',
      ]);
      expect(events.at(-1)!.data.device).toMatchObject({ id: device, name: 'House 7', status: 'accepted' });
    });

    test('coming and going is told, and a newer connection of the same device is not', async () => {
      const device = await join();
      const webhook = await listen(['device.connected', 'device.disconnected']);
      const present = { deviceId: device, hubId: 'hub-1', ts: new Date(), client: null };
      await applyPresence(store, [{ ...present, epoch: 1, connected: true, reason: null }]);
      await applyPresence(store, [{ ...present, epoch: 2, connected: true, reason: null }]);
      await applyPresence(store, [{ ...present, epoch: 2, connected: false, reason: 'timeout' }]);
      await applyPresence(store, [{ ...present, epoch: 3, connected: true, reason: null }]);
      const events = await told(webhook);
      expect(events.map(({ event, data }) => [event, data.reason as unknown])).toEqual([
        ['device.connected', null],
        ['device.disconnected', 'timeout'],
        ['device.connected', null],
      ]);
    });

    test('users and audit entries are told, without passwords', async () => {
      const webhook = await listen();
      const id = randomUUID();
      const tenant = store.of(tenantId);
      await sql`insert into users (id, tenant_id, email, name, password_hash)
        values (${id}, ${tenantId}, 'a@example.com', 'A', 'hash-of-a')`.execute(tenant);
      await sql`update users set password_hash = 'hash-of-b', last_login_at = now() where id = ${id}`.execute(tenant);
      await sql`update users set name = 'B' where id = ${id}`.execute(tenant);
      await sql`delete from users where id = ${id}`.execute(tenant);
      await appendAudit(tenant, tenantId, {
        id: randomUUID(),
        at: new Date(),
        actor: { type: 'user', id, name: 'a@example.com' },
        action: 'user.delete',
        object: { type: 'user', id },
        result: 'success',
        address: '127.0.0.1',
        change: null,
        details: {},
      });
      const events = await told(webhook);
      expect(events.map(({ event }) => event)).toEqual([
        'user.created',
        'user.updated',
        'user.deleted',
        'audit.created',
      ]);
      expect(JSON.stringify(events)).not.toContain('hash-of');
      expect(events[3]!.data.entry).toMatchObject({ action: 'user.delete' });
    });

    test('what is rolled back is not told, and what nobody listens for is not stored', async () => {
      const webhook = await listen(['device.deleted']);
      const disabled = await listen();
      await updateWebhook(store.of(tenantId), tenantId, disabled, { enabled: false }, undefined);
      const device = await join();
      const failing = store.database.transaction().execute(async (transaction) => {
        await sql`delete from devices where id = ${device}`.execute(transaction);
        throw new Error('no');
      });
      await failing.catch(() => undefined);
      expect(await eventsOf(webhook)).toEqual([]);
      expect(await eventsOf(disabled)).toEqual([]);
    });

    test('one tenant’s events are not told to another, nor its webhooks and deliveries shown', async () => {
      const other = randomUUID();
      await sql`insert into tenants (id, name) values (${other}, 'Other')`.execute(store.database);
      const [mine, theirs] = [await listen(), await listen(ALL, other)];
      await join();
      expect(await eventsOf(mine)).not.toEqual([]);
      expect((await listDeliveries(store.database, other, theirs, { limit: 9 })).items).toEqual([]);
      expect((await listWebhooks(store.of(other), other)).map(({ id }) => id)).toEqual([theirs]);
      const errors = await Promise.all(
        [
          getWebhook(store.of(other), other, mine),
          updateWebhook(store.of(other), other, mine, { name: 'x' }, undefined),
          deleteWebhook(store.of(other), other, mine, undefined),
        ].map((promise) => promise.catch((error: unknown) => (error as LovelyError).code)),
      );
      expect(errors).toEqual(['not-found', 'not-found', 'not-found']);
      const { rows } = await sql`select from webhook_deliveries`.execute(store.of(other));
      expect(rows).toEqual([]);
    });

    test('a tenant that listens can be deleted with all it has', async () => {
      await listen();
      const device = await join();
      await applyAlertEvents(store, [raise(device, 1)]);
      await sql`insert into users (id, tenant_id, email, name, password_hash)
        values (${randomUUID()}, ${tenantId}, 'a@example.com', 'A', 'x')`.execute(store.database);
      await sql`delete from tenants where id = ${tenantId}`.execute(store.database);
      const { rows } = await sql`select from webhook_deliveries`.execute(store.database);
      expect(rows).toEqual([]);
    });

    test('a delivery is taken once, by one of many workers, and again when its worker is lost', async () => {
      await join();
      const webhook = await listen(['device.created']);
      for (let at = 0; at < 10; at++) await join();
      const claims = (await Promise.all([claim(), claim(), claim()])).flat();
      expect(new Set(claims.map(({ id }) => id)).size).toBe(claims.length);
      expect(claims.length).toBeGreaterThanOrEqual(4);
      expect((await claim({ webhookIds: [webhook], tenantIds: [] })).length).toBe(0);
      expect((await claim({ webhookIds: [], tenantIds: [tenantId] })).length).toBe(0);
      await passWebhookTime(store.database, 61);
      const again = await claim();
      expect(again).toHaveLength(4);
      expect(claims.map(({ id }) => id)).toContain(again[0]!.id);
      // The lost worker comes back late: its word no longer counts.
      const [lost] = claims.filter(({ id }) => id === again[0]!.id);
      await settleDelivery(store.database, lost!, FAILURE, undefined);
      expect(await getDelivery(store.database, tenantId, webhook, again[0]!.id)).toMatchObject({
        state: 'waiting',
        attempts: 2,
      });
    });

    test('no receiver waits for another one’s backlog', async () => {
      const [slow, quick] = [await listen(['device.created']), await listen(['device.accepted'])];
      for (let at = 0; at < 12; at++) await join();
      const claims = await claim(undefined, 2);
      expect(claims.map(({ webhookId }) => webhookId).sort()).toEqual([slow, slow, quick, quick].sort());
    });

    test('what failed is sent again by hand, one or all, with the same id', async () => {
      const webhook = await listen(['device.created']);
      for (let at = 0; at < 3; at++) await join();
      const claims = await claim();
      for (const one of claims) await settleDelivery(store.database, one, FAILURE, undefined);
      expect(await claim()).toEqual([]);
      await replayDelivery(store.of(tenantId), tenantId, webhook, claims[0]!.id);
      expect((await claim()).map(({ id }) => id)).toEqual([claims[0]!.id]);
      expect(await replayFailed(store.of(tenantId), tenantId, webhook, new Date(Date.now() + 60_000))).toBe(0);
      expect(await replayFailed(store.of(tenantId), tenantId, webhook, new Date(Date.now() - 60_000))).toBe(2);
      expect((await claim()).map(({ id }) => id).sort()).toEqual([claims[1]!.id, claims[2]!.id].sort());
    });

    test('a webhook that fails again and again rests, and is disabled after days, until somebody enables it', async () => {
      const webhook = await listen(['device.created']);
      await join();
      for (let at = 0; at < 5; at++)
        await noteWebhookFailure(store.database, webhook, { failuresBeforeRest: 5, restMaxMs: 600_000 });
      expect(await claim()).toEqual([]);
      await passWebhookTime(store.database, 2);
      expect(await claim()).toHaveLength(1);
      const limits = { deadMs: 5 * 24 * 3600_000, waitingMax: 1000 };
      await passWebhookTime(store.database, 4 * 24 * 3600);
      expect(await disableDeadWebhooks(store.database, limits)).toEqual([]);
      await passWebhookTime(store.database, 2 * 24 * 3600);
      expect(await disableDeadWebhooks(store.database, limits)).toEqual([webhook]);
      const dead = await getWebhook(store.database, tenantId, webhook);
      expect(dead).toMatchObject({ enabled: false, waiting: 0 });
      expect(dead.disabledReason).toStartWith('Every delivery has failed since 20');
      await updateWebhook(store.of(tenantId), tenantId, webhook, { enabled: true }, dead.version);
      expect(await getWebhook(store.database, tenantId, webhook)).toMatchObject({
        enabled: true,
        disabledReason: null,
        failingSince: null,
      });
    });

    test('a webhook whose receiver is too far behind is disabled', async () => {
      const webhook = await listen(['device.created']);
      for (let at = 0; at < 4; at++) await join();
      expect(await disableDeadWebhooks(store.database, { deadMs: 1e9, waitingMax: 4 })).toEqual([]);
      expect(await disableDeadWebhooks(store.database, { deadMs: 1e9, waitingMax: 3 })).toEqual([webhook]);
      const count = async () => (await listDeliveries(store.database, tenantId, webhook, { limit: 9 })).items.length;
      await deleteOldDeliveries(store.database, 14);
      expect(await count()).toBe(4);
      await passWebhookTime(store.database, 15 * 24 * 3600);
      await deleteOldDeliveries(store.database, 14);
      expect(await count()).toBe(0);
    });

    test('there are only so many, and a change from an old version is refused', async () => {
      const webhook = await listen();
      const { version } = await getWebhook(store.database, tenantId, webhook);
      await updateWebhook(store.of(tenantId), tenantId, webhook, { name: 'new' }, version);
      const stale = updateWebhook(store.of(tenantId), tenantId, webhook, { name: 'newer' }, version);
      expect(await stale.catch((error: unknown) => (error as LovelyError).code)).toBe('changed-meanwhile');
      const made = await Promise.allSettled(Array.from({ length: WEBHOOKS_MAX + 2 }, () => listen()));
      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(WEBHOOKS_MAX - 1);
    });
  });
