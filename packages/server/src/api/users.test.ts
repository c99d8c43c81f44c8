import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { Grant, Problem, UserAccount } from '@lovely/api';
import { startTestApi, type SignedIn, type TestApi } from './test-api.ts';

const ADMINISTRATOR: Grant[] = [{ roleId: 'administrator', groupIds: null }];
const SYSTEM_ADMINISTRATOR: Grant[] = [{ roleId: 'system-administrator', groupIds: null }];
const VIEWER: Grant[] = [{ roleId: 'viewer', groupIds: null }];

let server: TestApi;
let tenantId: string;
let system: SignedIn;
let admin: SignedIn;
beforeAll(async () => {
  server = await startTestApi();
  tenantId = server.context.firstTenantId;
  system = await server.signIn(tenantId, SYSTEM_ADMINISTRATOR);
  admin = await server.signIn(tenantId, ADMINISTRATOR);
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const pathOf = (userId: string) => `/api/v1/users/${userId}`;
const patch = (by: SignedIn, userId: string, body: object) => server.call(by.token, 'PATCH', pathOf(userId), body);
const codeOf = async (answer: Response) => (answer.ok ? 'ok' : ((await answer.json()) as Problem).code);
const account = async (userId: string) =>
  (await (await server.call(system.token, 'GET', pathOf(userId))).json()) as UserAccount;
/** Somebody who looks after people and may do little else. */
const helper = async (permissions: string[] = ['people.read', 'people.write', 'fleet.read']): Promise<SignedIn> => {
  const id = randomUUID();
  await server.context.store.database
    .insertInto('roles')
    .values({ id, tenant_id: tenantId, name: id, description: '', permissions: permissions as never })
    .execute();
  return await server.signIn(tenantId, [{ roleId: id, groupIds: null }]);
};

test('an administrator names people, gives them roles, and sees both', async () => {
  const user = await server.signIn(tenantId, VIEWER);
  const answer = await patch(admin, user.userId, { name: 'Ada', grants: [{ roleId: 'operator', groupIds: null }] });
  expect(answer.status).toBe(200);
  expect(await account(user.userId)).toMatchObject({
    name: 'Ada',
    grants: [{ roleId: 'operator', groupIds: null }],
    disabledAt: null,
    hasSecondFactor: false,
    version: 2,
  });
});

test('lists come in pages and find part of a name', async () => {
  const tenant = await server.makeTenant('Pages');
  const own = await server.signIn(tenant, ADMINISTRATOR);
  for (let n = 0; n < 4; n++)
    await patch(own, (await server.signIn(tenant, VIEWER)).userId, { name: `100% Person ${n}` });
  const list = async (query: string) =>
    (await (await server.call(own.token, 'GET', `/api/v1/users?${query}`)).json()) as {
      items: UserAccount[];
      next: string | null;
    };
  const first = await list('limit=3');
  const second = await list(`limit=3&cursor=${first.next}`);
  expect([first.items.length, second.items.length, second.next]).toEqual([3, 2, null]);
  expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(5);
  expect((await list('search=0%25%20person%20')).items).toHaveLength(4);
  expect((await list('search=%25%25')).items).toEqual([]);
});

test('a disabled user is out at once, and in again when enabled', async () => {
  const user = await server.signIn(tenantId, VIEWER);
  expect((await patch(admin, user.userId, { disabled: true })).status).toBe(200);
  expect((await server.call(user.token, 'GET', '/api/v1/me')).status).toBe(401);
  await patch(admin, user.userId, { disabled: false });
  expect((await account(user.userId)).disabledAt).toBeNull();
});

test('a deleted user is out at once and gone', async () => {
  const user = await server.signIn(tenantId, VIEWER);
  expect((await server.call(admin.token, 'DELETE', pathOf(user.userId))).status).toBe(204);
  expect((await server.call(user.token, 'GET', '/api/v1/me')).status).toBe(401);
  expect((await server.call(admin.token, 'GET', pathOf(user.userId))).status).toBe(404);
});

test('a user is signed out everywhere', async () => {
  const user = await server.signIn(tenantId, VIEWER);
  expect((await server.call(admin.token, 'DELETE', `${pathOf(user.userId)}/logins`)).status).toBe(204);
  expect((await server.call(user.token, 'GET', '/api/v1/me')).status).toBe(401);
});

test('of two changes from the same version one is made', async () => {
  const user = await server.signIn(tenantId, VIEWER);
  const change = (name: string) =>
    server.api.answer(
      new Request(`https://lovely.example.com${pathOf(user.userId)}`, {
        method: 'PATCH',
        headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json', 'if-match': '"1"' },
        body: JSON.stringify({ name }),
      }),
      '127.0.0.1',
    ) as Promise<Response>;
  const answers = await Promise.all([change('Ada'), change('Eve')]);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 412]));
});

describe('nobody gives more than they have', () => {
  test('an administrator makes no administrator of the system', async () => {
    const user = await server.signIn(tenantId, VIEWER);
    expect(await codeOf(await patch(admin, user.userId, { grants: SYSTEM_ADMINISTRATOR }))).toBe('not-allowed');
    expect(await codeOf(await patch(admin, admin.userId, { grants: SYSTEM_ADMINISTRATOR }))).toBe('not-allowed');
    expect(await codeOf(await patch(system, user.userId, { grants: SYSTEM_ADMINISTRATOR }))).toBe('ok');
  });

  test('who looks after people gives neither a role that allows more nor more devices', async () => {
    const { database } = server.context.store;
    const [mine, other] = [randomUUID(), randomUUID()];
    for (const id of [mine, other])
      await database
        .insertInto('groups')
        .values({ id, tenant_id: tenantId, name: id, description: '', kind: 'static', filter: null })
        .execute();
    const looksAfter = await helper(['people.read', 'people.write']);
    const { grants } = await account(looksAfter.userId);
    await patch(system, looksAfter.userId, { grants: [...grants, { roleId: 'viewer', groupIds: [mine] }] });
    const user = await server.signIn(tenantId, []);
    const give = async (grant: Grant) => codeOf(await patch(looksAfter, user.userId, { grants: [grant] }));
    expect(await give({ roleId: 'operator', groupIds: [mine] })).toBe('not-allowed');
    expect(await give({ roleId: 'viewer', groupIds: null })).toBe('not-allowed');
    expect(await give({ roleId: 'viewer', groupIds: [mine, other] })).toBe('not-allowed');
    expect(await give({ roleId: 'viewer', groupIds: [mine] })).toBe('ok');
  });

  test('nor gets at the account of somebody who may do more', async () => {
    const small = await helper();
    for (const [method, path, body] of [
      ['PATCH', pathOf(admin.userId), { name: 'Mine now' }],
      ['PATCH', pathOf(admin.userId), { disabled: true }],
      ['DELETE', pathOf(admin.userId), undefined],
      ['DELETE', `${pathOf(admin.userId)}/factors`, undefined],
      ['DELETE', `${pathOf(admin.userId)}/logins`, undefined],
      ['POST', `${pathOf(admin.userId)}/password-resets`, undefined],
    ] as const)
      expect([method, path, await codeOf(await server.call(small.token, method, path, body))]).toEqual([
        method,
        path,
        'not-allowed',
      ]);
  });

  test('roles and groups that the tenant hasn’t got, and one role twice, are refused', async () => {
    const user = await server.signIn(tenantId, VIEWER);
    for (const grants of [
      [{ roleId: randomUUID(), groupIds: null }],
      [{ roleId: 'owner', groupIds: null }],
      [{ roleId: 'viewer', groupIds: [randomUUID()] }],
      [...VIEWER, ...VIEWER],
    ])
      expect(await codeOf(await patch(admin, user.userId, { grants }))).toBe('bad-input');
  });
});

describe('the last administrator', () => {
  test('is neither demoted, disabled nor deleted, and the last but one is', async () => {
    const tenant = await server.makeTenant('Last');
    const [first, second] = [await server.signIn(tenant, ADMINISTRATOR), await server.signIn(tenant, ADMINISTRATOR)];
    expect(await codeOf(await patch(first, second.userId, { disabled: true }))).toBe('ok');
    expect(await codeOf(await patch(first, first.userId, { grants: VIEWER }))).toBe('last-administrator');
    expect(await codeOf(await patch(first, first.userId, { disabled: true }))).toBe('last-administrator');
    expect(await codeOf(await server.call(first.token, 'DELETE', pathOf(first.userId)))).toBe('last-administrator');
    expect(await codeOf(await patch(first, first.userId, { name: 'Still here' }))).toBe('ok');
  });

  test('stays when two demote each other at the same time', async () => {
    const tenant = await server.makeTenant('Duel');
    const [one, two] = [await server.signIn(tenant, ADMINISTRATOR), await server.signIn(tenant, ADMINISTRATOR)];
    const codes = await Promise.all(
      [patch(one, two.userId, { grants: VIEWER }), patch(two, one.userId, { grants: VIEWER })].map(async (answer) =>
        codeOf(await answer),
      ),
    );
    expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
  });

  test('of the system stays too, though there are administrators of the tenant', async () => {
    const tenant = await server.makeTenant('System');
    const own = await server.signIn(tenant, SYSTEM_ADMINISTRATOR);
    await server.signIn(tenant, ADMINISTRATOR);
    expect(await codeOf(await patch(own, own.userId, { grants: ADMINISTRATOR }))).toBe('last-administrator');
  });
});

test('users of another tenant are as users who don’t exist', async () => {
  const stranger = await server.signIn(await server.makeTenant('Elsewhere'), VIEWER);
  for (const id of [stranger.userId, randomUUID()])
    for (const [method, path, body] of [
      ['GET', pathOf(id), undefined],
      ['PATCH', pathOf(id), { name: 'Mine' }],
      ['DELETE', pathOf(id), undefined],
      ['DELETE', `${pathOf(id)}/factors`, undefined],
      ['DELETE', `${pathOf(id)}/logins`, undefined],
      ['POST', `${pathOf(id)}/password-resets`, undefined],
    ] as const)
      expect([method, await codeOf(await server.call(system.token, method, path, body))]).toEqual([
        method,
        'not-found',
      ]);
});

test('a change of a user is in the audit log with what it changed', async () => {
  const user = await server.signIn(tenantId, VIEWER);
  await patch(admin, user.userId, { name: 'Written down' });
  const entry = await server.context.store.database
    .selectFrom('audit_entries')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .orderBy('position', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  expect(entry).toMatchObject({
    action: 'user.update',
    object: { type: 'user', id: user.userId },
    result: 'success',
    change: { name: { before: 'Somebody', after: 'Written down' } },
  });
});
