import { afterAll, beforeAll, expect, test } from 'bun:test';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { openTestBlobs, type TestBlobs } from '../../blobs/test-blobs.ts';
import { createMemoryBus } from '../../bus/memory.ts';
import { ALL_DEVICES } from '../../domain/device-scope.ts';
import { parsePublicKey } from '../../domain/identity.ts';
import { SESSIONS_PER_USER_MAX } from '../../limits.ts';
import type { Socket } from '../../listener.ts';
import { createLog } from '../../log.ts';
import { createRevocations } from '../../revocations.ts';
import { requestAuthSet } from '../../store/auth-sets.ts';
import { applyPresence } from '../../store/presence.ts';
import { startEmbeddedDatabases, type TestDatabases } from '../../store/test-databases.ts';
import { ensureFirstTenant } from '../../store/tenants.ts';
import { createTestLinkKeys, createTestSeal, createTestTokens } from '../../test-keys.ts';
import type { Person } from '../context.ts';
import { createRequestLimits } from '../request-limits.ts';
import { createSessions, type Sessions } from './sessions.ts';

let databases: TestDatabases;
let blobs: TestBlobs;
let sessions: Sessions;
let person: Person;
let deviceId: string;
beforeAll(async () => {
  databases = await startEmbeddedDatabases();
  const store = await databases.open();
  const tenant = await ensureFirstTenant(store.database);
  const pem = generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const { authSet } = await requestAuthSet(store.database, tenant.id, { sn: '1' }, parsePublicKey(pem));
  deviceId = authSet.deviceId;
  await applyPresence(store, [
    { deviceId, hubId: 'hub-1', epoch: 1, connected: true, ts: new Date(), reason: null, client: null },
  ]);
  const user = {
    id: randomUUID(),
    email: '',
    name: '',
    tenant,
    passwordHash: '',
    isDisabled: false,
    needsSecondFactor: false,
    access: new Map(),
  };
  person = {
    user,
    database: store.of(tenant.id),
    via: { kind: 'login', id: randomUUID(), expiresAtMs: Infinity },
    mustSetUpSecondFactor: false,
    tenantId: tenant.id,
    byCookie: false,
    address: '127.0.0.1',
    may: () => true,
    scope: () => ALL_DEVICES,
  };
  blobs = await openTestBlobs();
  sessions = createSessions({
    store,
    bus: createMemoryBus({ onError: () => {} }),
    blobs: blobs.blobs,
    linkKeys: createTestLinkKeys(),
    tokens: createTestTokens(),
    seal: createTestSeal(),
    webhooksAllowPrivate: true,
    oidcAllowPrivate: true,
    limits: createRequestLimits(1, Date.now),
    revocations: createRevocations(),
    log: createLog('silent'),
    firstTenantId: tenant.id,
    origins: new Set(),
    publicUrl: 'https://lovely.example.com',
  });
}, 60_000);
afterAll(async () => {
  await sessions.close();
  await databases[Symbol.asyncDispose]();
  await blobs[Symbol.asyncDispose]();
});

test('a handshake that is never finished takes nobody a session away, an open one counts until it closes', async () => {
  for (let n = 0; n < SESSIONS_PER_USER_MAX; n++) await sessions.open(person, deviceId);
  const owners = [];
  for (let n = 0; n < SESSIONS_PER_USER_MAX; n++) {
    const owner = await sessions.open(person, deviceId);
    owner.opened(SOCKET);
    owners.push(owner);
  }
  expect(await sessions.open(person, deviceId).catch((error: { code: string }) => error.code)).toBe('session-limit');
  for (const owner of owners) owner.closed(SOCKET, 1000, '');
  await sessions.open(person, deviceId);
});

const SOCKET: Socket = { send: () => 1, close: () => {}, terminate: () => {}, getBufferedAmount: () => 0 };
