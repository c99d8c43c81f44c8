import { afterAll, beforeAll, expect, test } from 'bun:test';
import { PERMISSION_NAMES, type Permission } from '@lovely/api';
import { TOKENS_PER_USER_MAX } from '../limits.ts';
import { replaceGrants } from '../store/grants.ts';
import { startTestApi, type SignedIn, type TestApi } from './test-api.ts';

let api: TestApi;
let tenantId: string;
beforeAll(async () => {
  api = await startTestApi();
  tenantId = api.context.firstTenantId;
}, 60_000);
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const signIn = (roleId = 'administrator'): Promise<SignedIn> => api.signIn(tenantId, [{ roleId, groupIds: null }]);
const read = async <T>(answer: Response): Promise<T> => (await answer.json()) as T;
const codeOf = async (answer: Response): Promise<string> =>
  answer.ok ? 'ok' : (await read<{ code: string }>(answer)).code;

interface Made {
  id: string;
  secret: string;
}
async function make(owner: SignedIn, permissions: readonly Permission[], expiresInDays = 30): Promise<Made> {
  const body = { name: 'robot', permissions, expiresInDays };
  const answer = await api.call(owner.token, 'POST', '/api/v1/me/tokens', body);
  expect(answer.status).toBe(201);
  return await read<Made>(answer);
}

test('a token may do what it names, and nothing else of what its owner may', async () => {
  const { secret } = await make(await signIn(), ['fleet.read']);
  expect(secret).toMatch(/^lovely_pat_[0-9A-Za-z]{38}$/);
  expect((await api.call(secret, 'GET', '/api/v1/devices')).status).toBe(200);
  expect((await api.call(secret, 'GET', '/api/management/v2/devauth/devices')).status).toBe(200);
  expect(await codeOf(await api.call(secret, 'GET', '/api/v1/users'))).toBe('not-allowed');
  expect(await read<object>(await api.call(secret, 'GET', '/api/v1/me'))).toMatchObject({
    permissions: { 'fleet.read': 'all' },
  });
});

test('a token loses what its owner loses, at once, and works no longer than its owner', async () => {
  const owner = await signIn();
  const { secret } = await make(owner, ['fleet.read', 'people.read']);
  expect((await api.call(secret, 'GET', '/api/v1/users')).status).toBe(200);
  await replaceGrants(api.context.store.database, tenantId, owner.userId, [{ roleId: 'viewer', groupIds: null }]);
  expect(await codeOf(await api.call(secret, 'GET', '/api/v1/users'))).toBe('not-allowed');
  expect((await api.call(secret, 'GET', '/api/v1/devices')).status).toBe(200);
  await api.context.store.database
    .updateTable('users')
    .set({ disabled_at: new Date() })
    .where('id', '=', owner.userId)
    .execute();
  expect(await codeOf(await api.call(secret, 'GET', '/api/v1/devices'))).toBe('not-signed-in');
});

test('nobody makes a token that may do more than they may', async () => {
  const viewer = await signIn('viewer');
  const body = { name: 'robot', permissions: ['fleet.read', 'device.terminal'], expiresInDays: 1 };
  expect(await codeOf(await api.call(viewer.token, 'POST', '/api/v1/me/tokens', body))).toBe('not-allowed');
  const administrator = await signIn();
  const more = { ...body, permissions: ['system.admin'] };
  expect(await codeOf(await api.call(administrator.token, 'POST', '/api/v1/me/tokens', more))).toBe('not-allowed');
});

test('a token does nothing to the account it belongs to', async () => {
  const owner = await api.signIn(tenantId, [{ roleId: 'system-administrator', groupIds: null }]);
  const { secret, id } = await make(owner, PERMISSION_NAMES);
  const calls: [method: string, path: string, body?: unknown][] = [
    ['POST', '/api/v1/me/tokens', { name: 'child', permissions: ['fleet.read'], expiresInDays: 1 }],
    ['GET', '/api/v1/me/tokens'],
    ['DELETE', `/api/v1/me/tokens/${id}`],
    ['PATCH', '/api/v1/me', { name: 'Mallory' }],
    ['PUT', '/api/v1/me/password', { currentPassword: 'x', password: 'correct-horse-battery-staple' }],
    ['GET', '/api/v1/me/factors'],
    ['POST', '/api/v1/me/totp'],
    ['POST', '/api/v1/me/totp/deletion', { password: 'x' }],
    ['POST', '/api/v1/me/passkeys/options'],
    ['GET', '/api/v1/me/logins'],
    ['DELETE', '/api/v1/me/logins'],
    ['DELETE', '/api/v1/login'],
    ['GET', '/api/management/v1/useradm/settings/tokens'],
    ['POST', '/api/management/v1/useradm/settings/tokens', { name: 'child', expires_in: 60 }],
    ['POST', '/api/management/v1/useradm/auth/logout'],
  ];
  for (const [method, path, body] of calls)
    expect([method, path, await codeOf(await api.call(secret, method, path, body))]).toEqual([
      method,
      path,
      'login-needed',
    ]);
});

test('a token is void once it is deleted, has expired, or a letter of it is wrong', async () => {
  const owner = await signIn();
  const [gone, old] = [await make(owner, ['fleet.read']), await make(owner, ['fleet.read'])];
  const others = await signIn();
  expect(await codeOf(await api.call(others.token, 'DELETE', `/api/v1/me/tokens/${gone.id}`))).toBe('not-found');
  expect((await api.call(gone.secret, 'GET', '/api/v1/me')).status).toBe(200);
  expect((await api.call(owner.token, 'DELETE', `/api/v1/me/tokens/${gone.id}`)).status).toBe(204);
  await api.context.store.database
    .updateTable('tokens')
    .set({ expires_at: new Date(Date.now() - 1) })
    .where('id', '=', old.id)
    .execute();
  for (const secret of [gone.secret, old.secret, `${gone.secret.slice(0, -1)}-`, 'lovely_pat_'])
    expect(await codeOf(await api.call(secret, 'GET', '/api/v1/me'))).toBe('not-signed-in');
});

test('a token is no cookie', async () => {
  const { secret } = await make(await signIn(), ['fleet.read']);
  const request = new Request(`${api.context.publicUrl}/api/v1/me`, {
    headers: { cookie: `__Host-lovely_login=${secret}` },
  });
  expect(((await api.api.answer(request, '127.0.0.1')) as Response).status).toBe(401);
});

test('the list shows when a token was used, and never the token', async () => {
  const owner = await signIn();
  const { secret, id } = await make(owner, ['fleet.read']);
  type List = { items: { id: string; lastUsedAt: string | null }[] };
  const list = () => api.call(owner.token, 'GET', '/api/v1/me/tokens');
  expect((await read<List>(await list())).items).toMatchObject([{ id, lastUsedAt: null }]);
  await api.call(secret, 'GET', '/api/v1/me');
  const text = await (await list()).text();
  expect(text).not.toContain(secret);
  expect((JSON.parse(text) as List).items[0]!.lastUsedAt).toBeString();
  const rows = await api.context.store.database.selectFrom('tokens').selectAll().where('id', '=', id).execute();
  expect(JSON.stringify(rows)).not.toContain(secret);
  const audit = await api.context.store.database.selectFrom('audit_entries').selectAll().execute();
  expect(JSON.stringify(audit)).not.toContain(secret);
});

test('a person has so many tokens at most, also when they ask for many at once', async () => {
  const owner = await signIn('viewer');
  const body = { name: 'robot', permissions: ['fleet.read'], expiresInDays: 1 };
  const outcomes: string[] = [];
  while (outcomes.length < TOKENS_PER_USER_MAX + 8)
    outcomes.push(
      ...(await Promise.all(
        Array.from({ length: 8 }, async () => codeOf(await api.call(owner.token, 'POST', '/api/v1/me/tokens', body))),
      )),
    );
  expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(TOKENS_PER_USER_MAX);
  expect(new Set(outcomes)).toEqual(new Set(['ok', 'limit-reached']));
});

test('Mender’s tools make, list and delete tokens in their own shape', async () => {
  const owner = await signIn('operator');
  const path = '/api/management/v1/useradm/settings/tokens';
  const made = await api.call(owner.token, 'POST', path, { name: 'ci', expires_in: 3600 });
  expect(made.status).toBe(200);
  const secret = await made.text();
  expect((await api.call(secret, 'GET', '/api/management/v2/devauth/devices')).status).toBe(200);
  expect(await read<object>(await api.call(secret, 'GET', '/api/management/v1/useradm/users/me'))).toMatchObject({
    id: owner.userId,
  });
  const list = await read<{ id: string; name: string; last_used?: string; expiration_date: string }[]>(
    await api.call(owner.token, 'GET', path),
  );
  expect(list).toMatchObject([{ name: 'ci', last_used: expect.any(String), expiration_date: expect.any(String) }]);
  expect((await api.call(owner.token, 'DELETE', `${path}/${list[0]!.id}`)).status).toBe(204);
  expect((await api.call(owner.token, 'DELETE', `${path}/${list[0]!.id}`)).status).toBe(404);
  expect((await api.call(secret, 'GET', '/api/management/v2/devauth/devices')).status).toBe(401);
});
