import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { requestAuthSet } from './auth-sets.ts';
import { deleteOldDeviceMessages, handOnMessages, type DeviceMessage } from './device-messages.ts';
import type { Store } from './store.ts';
import { ensureFirstTenant } from './tenants.ts';
import { startEmbeddedDatabases, type TestDatabases } from './test-databases.ts';
import { insertWebhook } from './webhooks.ts';

let databases: TestDatabases;
let store: Store;
let tenantId: string;
let deviceId: string;

beforeAll(async () => {
  databases = await startEmbeddedDatabases();
}, 60_000);
afterAll(async () => await databases[Symbol.asyncDispose]());
beforeEach(async () => {
  store = await databases.open();
  tenantId = (await ensureFirstTenant(store.database)).id;
  const key = { pem: '', type: 'ed25519', fingerprint: randomUUID() } as const;
  const { authSet } = await requestAuthSet(store.database, tenantId, { sn: randomUUID() }, key);
  deviceId = authSet.deviceId;
});

const message = (messageId: number, parts: Partial<DeviceMessage> = {}): DeviceMessage => ({
  deviceId,
  messageId,
  proto: 0x1234,
  body: Uint8Array.of(0, 255, messageId),
  receivedMs: Date.UTC(2026, 10, 23),
  ...parts,
});

async function listen(...events: ('message.received' | 'alert.opened')[]): Promise<void> {
  const hook = { id: randomUUID(), name: 'n', url: 'https://a.example/', events, enabled: true, secret: 'sealed' };
  await insertWebhook(store.database, tenantId, hook);
}

const payloads = async (): Promise<unknown[]> =>
  (await store.database.selectFrom('webhook_deliveries').select('payload').orderBy('created_at').execute()).map(
    ({ payload }) => (JSON.parse(payload) as { data: { message: unknown } }).data.message,
  );

test('a message is handed on once to each webhook that listens, however often it comes', async () => {
  await listen('message.received');
  await listen('message.received', 'alert.opened');
  await listen('alert.opened');
  await handOnMessages(store, [message(1)]);
  await handOnMessages(store, [message(1), message(2), message(2)]);
  const { proto, receivedMs } = message(1);
  const handedOn = (body: string) => ({ proto, body, receivedAt: new Date(receivedMs).toISOString() });
  expect(await payloads()).toEqual(['AP8B', 'AP8B', 'AP8C', 'AP8C'].map(handedOn));
});

test('a message that nobody listens for, or of a device that is gone, leaves nothing to send', async () => {
  await handOnMessages(store, [message(1)]);
  await listen('message.received');
  await handOnMessages(store, [message(1), message(2, { deviceId: randomUUID() })]);
  expect(await payloads()).toEqual([]);
});

test('that a message was handed on is forgotten in time', async () => {
  await listen('message.received');
  await handOnMessages(store, [message(1)]);
  await deleteOldDeviceMessages(store.database, 1);
  await handOnMessages(store, [message(1)]);
  expect(await payloads()).toHaveLength(1);
  await deleteOldDeviceMessages(store.database, 0);
  await handOnMessages(store, [message(1)]);
  expect(await payloads()).toHaveLength(2);
});
