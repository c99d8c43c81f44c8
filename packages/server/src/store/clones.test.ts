import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import { parsePublicKey } from '../domain/identity.ts';
import { requestAuthSet } from './auth-sets.ts';
import { closeQuietClones } from './clones.ts';
import { applyPresence } from './presence.ts';
import type { Store } from './store.ts';
import { ensureFirstTenant } from './tenants.ts';
import { startEmbeddedDatabases, type TestDatabases } from './test-databases.ts';

const WINDOW_MS = 600_000;

let databases: TestDatabases;
let store: Store;
let tenantId: string;
let deviceId: string;
let epoch: number;
beforeAll(async () => {
  databases = await startEmbeddedDatabases();
  store = await databases.open();
  tenantId = (await ensureFirstTenant(store.database)).id;
}, 60_000);
afterAll(async () => {
  await databases[Symbol.asyncDispose]();
});
beforeEach(async () => {
  const pem = generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const { authSet } = await requestAuthSet(store.database, tenantId, { sn: crypto.randomUUID() }, parsePublicKey(pem));
  deviceId = authSet.deviceId;
  epoch = 0;
});

/** The device connects from a place while the connection before is still there, unless that has ended. */
async function connect(place: { instance?: string; address?: string }, agoMs = 0) {
  const ts = new Date(Date.now() - agoMs);
  const client = place.instance === undefined ? null : 'nice-smart-client 1.0';
  const base = { deviceId, hubId: 'hub', epoch: ++epoch, ts, reason: null, client };
  return await applyPresence(store, [{ ...base, connected: true, ...place }], WINDOW_MS);
}

async function disconnect(): Promise<void> {
  const base = { deviceId, hubId: 'hub', epoch, ts: new Date(), reason: 'closed' as const, client: null };
  await applyPresence(store, [{ ...base, connected: false }], WINDOW_MS);
}

async function openAlerts(): Promise<string[]> {
  const rows = await store.database
    .selectFrom('alerts')
    .select('rule')
    .where('device_id', '=', deviceId)
    .where('closed_at', 'is', null)
    .execute();
  return rows.map((row) => row.rule);
}

test('two clients that take turns with one key open one alert, which closes when one of them is gone', async () => {
  for (let turn = 0; turn < 5; turn++) {
    await connect({ instance: 'a', address: '192.0.2.1' });
    await connect({ instance: 'b', address: '192.0.2.1' });
  }
  expect(await openAlerts()).toEqual(['device-cloned']);
  expect((await closeQuietClones(store, WINDOW_MS)).alerts).toEqual([]);
  await connect({ instance: 'b' });
  const closed = await closeQuietClones(store, 0);
  expect(closed.alerts.map(({ change }) => change)).toEqual(['closed']);
  expect(closed.health.map(({ health }) => health)).toEqual(['ok']);
  expect(await openAlerts()).toEqual([]);
});

test('three clients of one key are noticed as well', async () => {
  for (const instance of 'abcabcabc') await connect({ instance });
  expect(await openAlerts()).toEqual(['device-cloned']);
});

test('a client that reconnects, moves to other addresses and hubs, or is started again is no clone', async () => {
  for (let turn = 0; turn < 10; turn++) await connect({ instance: 'a', address: `192.0.2.${turn % 2}` });
  for (const instance of 'bcdefghij') {
    await connect({ instance });
    await connect({ instance });
  }
  expect(await openAlerts()).toEqual([]);
});

test('returns that lie far apart are no clone', async () => {
  for (let turn = 6; turn > 0; turn--) {
    await connect({ instance: 'a' }, turn * 2 * WINDOW_MS);
    await connect({ instance: 'b' }, (turn * 2 - 1) * WINDOW_MS);
  }
  expect(await openAlerts()).toEqual([]);
});

test('of clients that do not say who they are, addresses that push each other away are told', async () => {
  for (let turn = 0; turn < 5; turn++) {
    await connect({ address: '192.0.2.1' });
    await connect({ address: '192.0.2.2' });
  }
  expect(await openAlerts()).toEqual(['device-cloned']);
});

test('a gateway with two lines that hangs up before it calls again is no clone', async () => {
  for (let turn = 0; turn < 5; turn++) {
    for (const address of ['192.0.2.1', '192.0.2.2']) {
      await connect({ address });
      await disconnect();
    }
  }
  expect(await openAlerts()).toEqual([]);
});
