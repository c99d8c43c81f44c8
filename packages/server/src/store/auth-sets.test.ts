import { afterAll, beforeAll, expect, test } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import { parsePublicKey, type PublicKey } from '../domain/identity.ts';
import { AUTH_SETS_PER_DEVICE_MAX } from '../limits.ts';
import { requestAuthSet, setAuthSetStatus } from './auth-sets.ts';
import { listAuthSets } from './devices.ts';
import type { Store } from './store.ts';
import { startEmbeddedDatabases, type TestDatabases } from './test-databases.ts';
import { ensureFirstTenant } from './tenants.ts';

let databases: TestDatabases;
let store: Store;
let tenantId: string;
beforeAll(async () => {
  databases = await startEmbeddedDatabases();
  store = await databases.open();
  tenantId = (await ensureFirstTenant(store.database)).id;
}, 60_000);
afterAll(() => databases[Symbol.asyncDispose]());

const newKey = (): PublicKey =>
  parsePublicKey(generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }).toString());
const ask = async (sn: string, key: PublicKey) => (await requestAuthSet(store.database, tenantId, { sn }, key)).authSet;
const keysOf = async (deviceId: string) => await listAuthSets(store.database, [deviceId]);

test('strangers who ask with keys of their own keep the real gateway neither out nor off', async () => {
  const real = newKey();
  const { deviceId } = await ask('1', real);
  for (let n = 0; n < 2 * AUTH_SETS_PER_DEVICE_MAX; n++) await ask('1', newKey());
  expect(await keysOf(deviceId)).toHaveLength(AUTH_SETS_PER_DEVICE_MAX);
  // It asks again by itself, and has waited the shortest then.
  const again = await ask('1', real);
  expect(again.status).toBe('pending');
  await setAuthSetStatus(store.database, tenantId, deviceId, again.id, 'accepted');

  for (let n = 0; n < 2 * AUTH_SETS_PER_DEVICE_MAX; n++) await ask('1', newKey());
  expect((await ask('1', real)).status).toBe('accepted');
  expect((await keysOf(deviceId)).filter(({ status }) => status === 'accepted')).toHaveLength(1);
});
