import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { Grant, Problem } from '@lovely/api';
import { PASSWORD_RESETS_PER_USER_MAX } from '../limits.ts';
import type { Mail } from '../mail/mailer.ts';
import { hashPassword } from '../password-hash.ts';
import { setPasswordHash } from '../store/users.ts';
import { createApi, type Api } from './api.ts';
import { startTestApi, TEST_ORIGIN, type SignedIn, type TestApi } from './test-api.ts';

const ADMINISTRATOR: Grant[] = [{ roleId: 'administrator', groupIds: null }];
const VIEWER: Grant[] = [{ roleId: 'viewer', groupIds: null }];
const OLD = 'seventeen blue tractors';
const NEW = 'eighteen green harvesters';

let server: TestApi;
let api: Api;
let admin: SignedIn;
let hash: string;
let mails: Mail[] = [];
beforeAll(async () => {
  server = await startTestApi();
  const mailer = { send: (mail: Mail) => void mails.push(mail), close: () => Promise.resolve() };
  api = createApi({ ...server.context, mailer });
  admin = await server.signIn(server.context.firstTenantId, ADMINISTRATOR);
  hash = await hashPassword(OLD, server.context.passwordCost);
}, 60_000);
afterAll(async () => {
  await api.close();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => {
  mails = [];
});

interface Owner extends SignedIn {
  readonly email: string;
}

/** Somebody with the password OLD. */
async function somebody(grants = VIEWER, tenantId = server.context.firstTenantId): Promise<Owner> {
  const user = await server.signIn(tenantId, grants);
  await setPasswordHash(server.context.store.database, user.userId, hash);
  return { ...user, email: `${user.userId}@example.com` };
}

let callers = 0;
async function call(
  method: string,
  path: string,
  body: object | undefined,
  token?: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const request = new Request(TEST_ORIGIN + path, {
    method,
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await api.answer(request, `198.51.100.${++callers % 250}`)) as Response;
}

const codeOf = async (answer: Response) => (answer.ok ? 'ok' : ((await answer.json()) as Problem).code);
const isIn = async ({ token }: SignedIn) => (await call('GET', '/api/v1/me', undefined, token)).ok;
const signIn = async (email: string, password: string) =>
  codeOf(await call('POST', '/api/v1/login', { email, password }));
const change = (by: SignedIn, currentPassword: string, password: string) =>
  call('PUT', '/api/v1/me/password', { currentPassword, password }, by.token);
const makeLink = (userId: string, by = admin) =>
  call('POST', `/api/v1/users/${userId}/password-resets`, undefined, by.token);
const secretOf = async (answer: Response) => new URL(((await answer.json()) as { url: string }).url).hash.slice(1);
const complete = (code: string, password = NEW) =>
  call('POST', '/api/v1/password-reset/completion', { code, password });
const read = (code: string) => call('POST', '/api/v1/password-reset', { code });
const forgot = (email: string) => call('POST', '/api/v1/password-resets', { email });

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await Bun.sleep(5);
}

describe('the own password', () => {
  test('is changed by who knows the old one; the other sign-ins end and this one stays', async () => {
    const user = await somebody();
    const elsewhere = { ...user, token: await anotherLogin(user) };
    expect((await change(user, OLD, NEW)).status).toBe(204);
    expect([await isIn(user), await isIn(elsewhere)]).toEqual([true, false]);
    expect([await signIn(user.email, OLD), await signIn(user.email, NEW)]).toEqual(['bad-credentials', 'ok']);
  });

  test('stays when the current one is wrong, or the new one is weak or the same', async () => {
    const user = await somebody();
    expect(await codeOf(await change(user, 'something else entirely', NEW))).toBe('wrong-password');
    expect(await codeOf(await change(user, OLD, 'Password123456'))).toBe('weak-password');
    expect(await codeOf(await change(user, OLD, OLD))).toBe('weak-password');
    expect(await codeOf(await change(user, OLD, 'short'))).toBe('bad-input');
    expect(await isIn(user)).toBe(true);
    expect(await signIn(user.email, OLD)).toBe('ok');
  });

  test('can be changed by many at once without using up the connections to the database', async () => {
    const users = await Promise.all(Array.from({ length: 14 }, () => somebody()));
    const codes = await Promise.all(users.map(async (user) => codeOf(await change(user, OLD, NEW))));
    expect(codes.filter((code) => code !== 'ok' && code !== 'too-many-requests')).toEqual([]);
    expect(codes).toContain('ok');
  });
});

describe('a link for a new password', () => {
  test('sets it once, signs the user out everywhere, and nobody in', async () => {
    const user = await somebody();
    const code = await secretOf(await makeLink(user.userId));
    expect(await (await read(code)).json()).toMatchObject({ email: user.email });
    const done = await complete(code);
    expect([done.status, done.headers.get('set-cookie')]).toEqual([204, null]);
    expect(await isIn(user)).toBe(false);
    expect([await signIn(user.email, OLD), await signIn(user.email, NEW)]).toEqual(['bad-credentials', 'ok']);
    expect(await codeOf(await complete(code))).toBe('bad-link');
    expect(await codeOf(await read(code))).toBe('bad-link');
  });

  test('works once, also when it is used several times at the same moment', async () => {
    const code = await secretOf(await makeLink((await somebody()).userId));
    const codes = await Promise.all([1, 2, 3].map(async () => codeOf(await complete(code))));
    expect(codes.sort()).toEqual(['bad-link', 'bad-link', 'ok']);
  });

  test('is void after an hour, after another one was used, and for who is disabled', async () => {
    const { database } = server.context.store;
    const user = await somebody();
    const [old, used, other] = [
      await secretOf(await makeLink(user.userId)),
      await secretOf(await makeLink(user.userId)),
      await secretOf(await makeLink(user.userId)),
    ];
    const [first] = await database
      .selectFrom('password_resets')
      .selectAll()
      .where('user_id', '=', user.userId)
      .orderBy('created_at')
      .execute();
    expect(first!.expires_at.getTime() - first!.created_at.getTime()).toBe(3600_000);
    await database
      .updateTable('password_resets')
      .set({ expires_at: new Date(Date.now() - 1) })
      .where('id', '=', first!.id)
      .execute();
    expect(await codeOf(await complete(old))).toBe('bad-link');
    expect(await codeOf(await complete(used))).toBe('ok');
    expect(await codeOf(await complete(other))).toBe('bad-link');
    const last = await secretOf(await makeLink(user.userId));
    await call('PATCH', `/api/v1/users/${user.userId}`, { disabled: true }, admin.token);
    expect(await codeOf(await complete(last))).toBe('bad-link');
    expect(await codeOf(await makeLink(user.userId))).toBe('user-disabled');
  });

  test('refuses a password that others would guess, and works on', async () => {
    const code = await secretOf(await makeLink((await somebody()).userId));
    expect(await codeOf(await complete(code, 'iloveyouforever'))).toBe('weak-password');
    expect(await codeOf(await complete(code))).toBe('ok');
  });

  test('is mailed to the user when an administrator makes it, and says who did', async () => {
    const user = await somebody();
    const answer = (await (await makeLink(user.userId)).json()) as { url: string; isMailed: boolean };
    expect(answer.isMailed).toBe(true);
    expect(mails.map(({ to }) => to)).toEqual([user.email]);
    expect(mails[0]!.text).toContain(answer.url);
    expect(mails[0]!.text).toContain('Somebody made you a link');
  });
});

describe('who forgot the password', () => {
  test('is answered the same whether there is such a user or not, and the user gets a link', async () => {
    const user = await somebody();
    const answers = [
      await forgot(user.email.toUpperCase()),
      await forgot('nobody@example.com'),
      await forgot('no mail'),
    ];
    const told = await Promise.all(answers.map(async (answer) => [answer.status, await answer.text()]));
    expect(new Set(told.map((one) => JSON.stringify(one))).size).toBe(1);
    await until(() => mails.length > 0);
    expect(mails.map(({ to }) => to)).toEqual([user.email]);
    const code = /#(\S+)/.exec(mails[0]!.text)![1]!;
    expect(await codeOf(await complete(code))).toBe('ok');
    expect(await signIn(user.email, NEW)).toBe('ok');
  });

  test('gets a few links and no flood of them', async () => {
    const user = await somebody();
    for (let asked = 0; asked <= PASSWORD_RESETS_PER_USER_MAX; asked++) {
      await forgot(user.email);
      await until(() => mails.length === Math.min(asked + 1, PASSWORD_RESETS_PER_USER_MAX));
    }
    const witness = await somebody();
    await forgot(witness.email);
    await until(() => mails.some(({ to }) => to === witness.email));
    expect(mails.filter(({ to }) => to === user.email)).toHaveLength(PASSWORD_RESETS_PER_USER_MAX);
    expect(await codeOf(await makeLink(user.userId))).toBe('ok');
  });

  test('gets none when disabled, or when only a provider signs them in', async () => {
    const disabled = await somebody();
    await call('PATCH', `/api/v1/users/${disabled.userId}`, { disabled: true }, admin.token);
    const without = await server.signIn(server.context.firstTenantId, VIEWER);
    await forgot(disabled.email);
    await forgot(`${without.userId}@example.com`);
    const witness = await somebody();
    await forgot(witness.email);
    await until(() => mails.some(({ to }) => to === witness.email));
    expect(mails).toHaveLength(1);
  });

  test('can’t be asked for from another site’s page', async () => {
    const answer = await call('POST', '/api/v1/password-resets', { email: 'a@example.com' }, undefined, {
      origin: 'https://evil.example.com',
    });
    expect(await codeOf(answer)).toBe('bad-origin');
  });
});

test('an administrator of another tenant can’t make a link', async () => {
  const stranger = await server.signIn(await server.makeTenant('Strange'), ADMINISTRATOR);
  const user = await somebody();
  for (const id of [user.userId, randomUUID()]) expect(await codeOf(await makeLink(id, stranger))).toBe('not-found');
});

test('the audit log tells changes, requests and resets, and neither passwords nor codes', async () => {
  const user = await somebody();
  await change(user, OLD, NEW);
  await forgot(user.email);
  await until(() => mails.length > 0);
  const code = /#(\S+)/.exec(mails[0]!.text)![1]!;
  await complete(code, 'nineteen red ploughs');
  await signIn(user.email, 'not this one');
  const entries = () =>
    server.context.store.database
      .selectFrom('audit_entries')
      .selectAll()
      .where('tenant_id', '=', server.context.firstTenantId)
      .orderBy('position', 'desc')
      .limit(4)
      .execute();
  // A failed sign-in is written after its answer.
  await until(async () => (await entries())[0]!.result === 'bad-credentials');
  const written = await entries();
  expect(written.map(({ action, result }) => `${action} ${result}`)).toEqual([
    'login.create bad-credentials',
    'password.reset success',
    'password.request-reset success',
    'password.change success',
  ]);
  for (const secret of [code, OLD, NEW, 'ploughs']) expect(JSON.stringify(written)).not.toContain(secret);
});

async function anotherLogin(user: Owner): Promise<string> {
  const answer = await call('POST', '/api/v1/login', { email: user.email, password: OLD });
  return /=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '')![1]!;
}
