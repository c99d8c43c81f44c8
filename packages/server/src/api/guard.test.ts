import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { BuiltInRoleId, Permission } from '@lovely/api';
import { openTestBlobs, type TestBlobs } from '../blobs/test-blobs.ts';
import { createMemoryBus } from '../bus/memory.ts';
import { LovelyError, type ErrorCode } from '../errors.ts';
import { createLog } from '../log.ts';
import { createRevocations } from '../revocations.ts';
import { startEmbeddedDatabases, type TestDatabases } from '../store/test-databases.ts';
import type { Store } from '../store/store.ts';
import { ensureFirstTenant } from '../store/tenants.ts';
import { revokeLogins } from '../store/logins.ts';
import { insertLogin, insertUser } from '../store/users.ts';
import { createTestLinkKeys, createTestSeal, createTestTokens } from '../test-keys.ts';
import type { ApiContext } from './context.ts';
import { createRequestLimits } from './request-limits.ts';
import { cookieValue, loginCookie, requireDevice, requirePerson } from './guard.ts';

const ORIGIN = 'https://lovely.example.com';
const tokens = createTestTokens();

let databases: TestDatabases;
let blobs: TestBlobs;
let context: ApiContext;
let store: Store;
let tenantId: string;
beforeAll(async () => {
  databases = await startEmbeddedDatabases();
  store = await databases.open();
  blobs = await openTestBlobs();
  tenantId = (await ensureFirstTenant(store.database)).id;
  context = {
    store,
    bus: createMemoryBus({ onError: () => {} }),
    blobs: blobs.blobs,
    linkKeys: createTestLinkKeys(),
    tokens,
    seal: createTestSeal(),
    webhooksAllowPrivate: true,
    oidcAllowPrivate: true,
    revocations: createRevocations(),
    limits: createRequestLimits(1, Date.now),
    log: createLog('silent'),
    firstTenantId: tenantId,
    origins: new Set([ORIGIN]),
    publicUrl: ORIGIN,
  };
}, 60_000);
afterAll(async () => {
  await databases[Symbol.asyncDispose]();
  await blobs[Symbol.asyncDispose]();
});

/** Somebody who has signed in. */
async function signIn({
  roles = ['viewer'],
  expiresAt = new Date(Date.now() + 60_000),
}: { roles?: BuiltInRoleId[]; expiresAt?: Date } = {}): Promise<{ token: string; loginId: string; userId: string }> {
  const [userId, loginId] = [randomUUID(), randomUUID()];
  await insertUser(store.database, {
    id: userId,
    tenantId,
    email: `${userId}@example.com`,
    name: 'Somebody',
    passwordHash: '',
    grants: roles.map((roleId) => ({ roleId, groupIds: null })),
  });
  await insertLogin(store.database, { id: loginId, tenantId, userId, expiresAt });
  return { token: await tokens.signUser({ tenantId, userId, loginId }), loginId, userId };
}

const request = (headers: Record<string, string>) => new Request(`${ORIGIN}/api/v1/devices`, { headers });
const withCookie = (token: string, headers = {}) =>
  request({ cookie: `${loginCookie(request({})).name}=${token}`, ...headers });
const withBearer = (token: string, headers = {}) => request({ authorization: `Bearer ${token}`, ...headers });
const enter = (from: Request, permission: Permission = 'fleet.read') =>
  requirePerson(context, from, permission, '127.0.0.1');
const refuses = async (entering: Promise<unknown>, code: ErrorCode) => {
  const failure = await entering.then(
    () => 'none',
    (error: unknown) => (error instanceof LovelyError ? error.code : error),
  );
  expect(failure).toBe(code);
};

describe('a person', () => {
  test('is known by the cookie or by the bearer token', async () => {
    const { token, loginId } = await signIn();
    expect(await enter(withCookie(token))).toMatchObject({
      via: { kind: 'login', id: loginId },
      tenantId,
      byCookie: true,
    });
    expect(await enter(withBearer(token))).toMatchObject({
      via: { kind: 'login', id: loginId },
      tenantId,
      byCookie: false,
    });
  });

  test('without either, or with one that is not ours, is not signed in', async () => {
    await refuses(enter(request({})), 'not-signed-in');
    await refuses(enter(withCookie('')), 'not-signed-in');
    await refuses(enter(withCookie('a.b.c')), 'not-signed-in');
    await refuses(enter(withBearer(await createTestTokens().signUser(somebody()))), 'not-signed-in');
  });

  test('who signed out is out at once, though the token has not expired', async () => {
    const { token, loginId, userId } = await signIn();
    await enter(withCookie(token));
    await revokeLogins(store.database, userId, { id: loginId });
    await refuses(enter(withCookie(token)), 'not-signed-in');
  });

  test('whose login has expired, or never was, is not signed in', async () => {
    const { token } = await signIn({ expiresAt: new Date(Date.now() - 1) });
    await refuses(enter(withCookie(token)), 'not-signed-in');
    await refuses(enter(withBearer(await tokens.signUser(somebody()))), 'not-signed-in');
  });

  test('may do what the permissions say and nothing else', async () => {
    const { token } = await signIn({ roles: ['terminal'] });
    await enter(withCookie(token), 'device.terminal');
    await refuses(enter(withCookie(token), 'people.write'), 'not-allowed');
  });

  test('is not a device', async () => {
    const token = await tokens.signDevice({ tenantId, deviceId: randomUUID(), authSetId: randomUUID() });
    await refuses(enter(withBearer(token)), 'not-signed-in');
  });
});

describe('a request with the cookie', () => {
  test('from a page of ours, or without an origin, is let in', async () => {
    const { token } = await signIn();
    await enter(withCookie(token, { origin: ORIGIN }));
    await enter(withCookie(token));
  });

  test('from another site’s page is refused, whatever its origin looks like', async () => {
    const { token } = await signIn();
    for (const origin of ['https://evil.example.com', 'null', '', `${ORIGIN}:444`, `${ORIGIN}.evil.com`, `${ORIGIN}/`])
      await refuses(enter(withCookie(token, { origin })), 'bad-origin');
  });

  test('is not stopped from another site when a program sent the bearer token: no browser does that by itself', async () => {
    const { token } = await signIn();
    await enter(withBearer(token, { origin: 'https://tool.example.com' }));
  });
});

test('a cookie is found by its whole name among others', () => {
  const of = (cookie: string) => cookieValue(request({ cookie }), 'a');
  expect(of('b=1; a=2; c=3')).toBe('2');
  expect(of('a=x=y==')).toBe('x=y==');
  expect(of(' a = 2 ')).toBe('2');
  for (const other of ['aa=1', 'b=a=1', 'a', '']) expect(of(other)).toBeUndefined();
});

describe('a device', () => {
  const claims = () => ({ tenantId, deviceId: randomUUID(), authSetId: randomUUID() });

  test('is known by its token, and not by a cookie', async () => {
    const device = claims();
    const token = await tokens.signDevice(device);
    expect(await requireDevice(context, withBearer(token))).toMatchObject(device);
    await refuses(requireDevice(context, withCookie(token)), 'bad-token');
  });

  test('whose key was revoked is refused with its old token and let in with a new one', async () => {
    const device = claims();
    const token = await tokens.signDevice(device);
    const { issuedAtMs } = await tokens.verifyDevice(token);
    context.revocations.add([{ authSetId: device.authSetId, revokedAtMs: issuedAtMs }]);
    await refuses(requireDevice(context, withBearer(token)), 'bad-token');
    while (Date.now() <= issuedAtMs) await Bun.sleep(1);
    await requireDevice(context, withBearer(await tokens.signDevice(device)));
  });

  test('is not a person', async () => {
    const { token } = await signIn();
    await refuses(requireDevice(context, withBearer(token)), 'bad-token');
  });
});

function somebody() {
  return { tenantId, userId: randomUUID(), loginId: randomUUID() };
}
