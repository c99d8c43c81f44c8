import { afterAll, beforeAll, expect, test } from 'bun:test';
import { createMemoryBus } from '../bus/memory.ts';
import { createLog } from '../log.ts';
import { createRevocations } from '../revocations.ts';
import { startEmbeddedDatabases, type TestDatabases } from '../store/test-databases.ts';
import { ensureFirstTenant } from '../store/tenants.ts';
import { createTestSeal, createTestTokens } from '../test-keys.ts';
import { createApi, type Api } from './api.ts';
import { createSetupCode } from './people.ts';

const ORIGIN = 'https://lovely.example.com';

let databases: TestDatabases;
let api: Api;
beforeAll(async () => {
  databases = await startEmbeddedDatabases();
  const store = await databases.open();
  api = createApi({
    store,
    bus: createMemoryBus({ onError: () => {} }),
    tokens: createTestTokens(),
    seal: createTestSeal(),
    revocations: createRevocations(),
    log: createLog('silent'),
    firstTenantId: (await ensureFirstTenant(store.database)).id,
    origins: new Set([ORIGIN]),
    publicUrl: ORIGIN,
    setupCode: createSetupCode(),
    uiDirectory: import.meta.dir,
    basemapDirectory: import.meta.dir,
  });
}, 60_000);
afterAll(async () => {
  await api.close();
  await databases[Symbol.asyncDispose]();
});

test('no browser and no proxy keeps what the api says, good or bad', async () => {
  const paths = ['/api/v1/setup', '/api/v1/devices', '/api/management/v2/devauth/devices', '/api/nothing'];
  for (const path of paths) {
    const answer = (await api.answer(new Request(ORIGIN + path), '127.0.0.1')) as Response;
    expect([path, answer.headers.get('cache-control')]).toEqual([path, 'no-store']);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  }
});
