/** The whole api role on a real database, for tests that call it as its callers do. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Grant } from '@lovely/api';
import { openTestBlobs } from '../blobs/test-blobs.ts';
import { createMemoryBus } from '../bus/memory.ts';
import { createLog } from '../log.ts';
import { createRevocations } from '../revocations.ts';
import { startEmbeddedDatabases } from '../store/test-databases.ts';
import { ensureFirstTenant } from '../store/tenants.ts';
import { insertLogin, insertUser } from '../store/users.ts';
import { createTestLinkKeys, createTestSeal, createTestTokens } from '../test-keys.ts';
import { createApi, type Api, type ApiOptions } from './api.ts';
import { createSetupCode } from './people.ts';

export const TEST_ORIGIN = 'https://lovely.example.com';

/** Tests sign in by the hundred. */
const CHEAP = { memoryKib: 1024, passes: 1 } as const;

export interface TestApi extends AsyncDisposable {
  readonly context: ApiOptions;
  readonly api: Api;
  /** A tenant beside the first. */
  makeTenant(name: string): Promise<string>;
  /** Somebody new with these roles, signed in. */
  signIn(tenantId: string, grants: readonly Grant[]): Promise<SignedIn>;
  /** Calls with a bearer token, or without; a body is sent as JSON. */
  call(token: string | null, method: string, path: string, body?: unknown): Promise<Response>;
}

export interface SignedIn {
  readonly userId: string;
  readonly loginId: string;
  readonly token: string;
}

export async function startTestApi(): Promise<TestApi> {
  const databases = await startEmbeddedDatabases();
  const store = await databases.open();
  const blobs = await openTestBlobs();
  const context: ApiOptions = {
    store,
    bus: createMemoryBus({ onError: () => {} }),
    blobs: blobs.blobs,
    linkKeys: createTestLinkKeys(),
    tokens: createTestTokens(),
    seal: createTestSeal(),
    passwordCost: CHEAP,
    webhooksAllowPrivate: true,
    oidcAllowPrivate: true,
    revocations: createRevocations(),
    log: createLog('silent'),
    firstTenantId: (await ensureFirstTenant(store.database)).id,
    origins: new Set([TEST_ORIGIN]),
    publicUrl: TEST_ORIGIN,
    setupCode: createSetupCode(),
    uiDirectory: import.meta.dir,
    basemapDirectory: join(import.meta.dir, '../../../ui/dist-basemap'),
  };
  const api = createApi(context);
  return {
    context,
    api,
    async makeTenant(name) {
      const id = randomUUID();
      await store.database.insertInto('tenants').values({ id, name }).execute();
      return id;
    },
    async signIn(tenantId, grants) {
      const [userId, loginId] = [randomUUID(), randomUUID()];
      const email = `${userId}@example.com`;
      await insertUser(store.database, { id: userId, tenantId, email, name: 'Somebody', passwordHash: '', grants });
      await insertLogin(store.database, { id: loginId, tenantId, userId, expiresAt: new Date(Date.now() + 3600_000) });
      return { userId, loginId, token: await context.tokens.signUser({ tenantId, userId, loginId }) };
    },
    async call(token, method, path, body) {
      const request = new Request(TEST_ORIGIN + path, {
        method,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer = await api.answer(request, '127.0.0.1');
      if (!(answer instanceof Response)) throw new TypeError(`${path} became a WebSocket`);
      return answer;
    },
    async [Symbol.asyncDispose]() {
      await api.close();
      await databases[Symbol.asyncDispose]();
      await blobs[Symbol.asyncDispose]();
    },
  };
}
