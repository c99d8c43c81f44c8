import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { createMemoryBus } from '../bus/memory.ts';
import type { LovelyError } from '../errors.ts';
import { PASSWORD_CHECKS_MAX, SIGN_IN_TRIES_PER_ADDRESS } from '../limits.ts';
import { createLog } from '../log.ts';
import { createRevocations } from '../revocations.ts';
import { startEmbeddedDatabases, type TestDatabases } from '../store/test-databases.ts';
import { ensureFirstTenant } from '../store/tenants.ts';
import { createTestSeal, createTestTokens } from '../test-keys.ts';
import type { ApiContext } from './context.ts';
import { createFirstAdministrator, createSignIn, type SignIn } from './people.ts';

const ADMIN = { email: 'admin@example.com', name: 'Administrator', password: 'correct-horse-battery-staple' };

let databases: TestDatabases;
let context: ApiContext;
let signIn: SignIn;
beforeAll(async () => {
  databases = await startEmbeddedDatabases();
  const store = await databases.open();
  context = {
    store,
    bus: createMemoryBus({ onError: () => {} }),
    tokens: createTestTokens(),
    seal: createTestSeal(),
    revocations: createRevocations(),
    log: createLog('silent'),
    firstTenantId: (await ensureFirstTenant(store.database)).id,
    origins: new Set(),
    publicUrl: 'https://lovely.example.com',
  };
  await createFirstAdministrator(context, ADMIN);
}, 60_000);
afterAll(async () => {
  await databases[Symbol.asyncDispose]();
});
beforeEach(() => {
  signIn = createSignIn(context);
});

const guess = (n: number): Promise<string> =>
  signIn.withPassword(`${n}@example.com`, 'guess', '192.0.2.1').then(
    () => 'signed in',
    (error: LovelyError) => error.code,
  );

test('only so many passwords are checked at once, and then there is room again', async () => {
  const outcomes = await Promise.all(Array.from({ length: PASSWORD_CHECKS_MAX + 3 }, (_, n) => guess(n)));
  expect(outcomes.filter((code) => code === 'too-many-requests')).toHaveLength(3);
  expect((await signIn.withPassword(ADMIN.email, ADMIN.password, '192.0.2.1')).user.email).toBe(ADMIN.email);
});

test('one address has so many tries whatever the e-mail addresses, and takes nobody else theirs', async () => {
  await Promise.all(Array.from({ length: SIGN_IN_TRIES_PER_ADDRESS }, (_, n) => guess(n)));
  const refused = await signIn.withPassword(ADMIN.email, ADMIN.password, '192.0.2.1').catch((e: LovelyError) => e);
  expect(refused).toMatchObject({ code: 'too-many-requests' });
  expect((await signIn.withPassword(ADMIN.email, ADMIN.password, '192.0.2.2')).user.email).toBe(ADMIN.email);
});
