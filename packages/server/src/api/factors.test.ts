import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { generateSync } from 'otplib';
import { PROOF_TRIES } from '../limits.ts';
import { hashPassword } from '../password-hash.ts';
import { findTotpSecret } from '../store/factors.ts';
import { insertPasskey } from '../store/passkeys.ts';
import { insertUser } from '../store/users.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const PASSWORD = 'correct-horse-battery-staple';

let api: TestApi;
let passwordHash: string;
beforeAll(async () => {
  api = await startTestApi();
  passwordHash = await hashPassword(PASSWORD, api.context.passwordCost);
}, 60_000);
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

let tests = 0;
let address: string;
let email: string;
let userId: string;
let token: string;
beforeEach(async () => {
  // An address has so many tries a minute.
  address = `192.0.2.${++tests}`;
  ({ email, userId } = await makeUser(api.context.firstTenantId));
  token = await signInBare();
});

async function makeUser(tenantId: string): Promise<{ email: string; userId: string }> {
  const [id, address] = [randomUUID(), `${randomUUID()}@example.com`];
  const grants = [{ roleId: 'administrator', groupIds: null }];
  await insertUser(api.context.store.database, { id, tenantId, email: address, name: 'A', passwordHash, grants });
  return { email: address, userId: id };
}

/** Mender's login gives a token that can be used here. */
async function login(body?: object, password = PASSWORD): Promise<Response> {
  const request = new Request(`${api.context.publicUrl}/api/management/v1/useradm/auth/login`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${email}:${password}`)}`, 'user-agent': 'mender-cli' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return (await api.api.answer(request, address)) as Response;
}

async function signInBare(): Promise<string> {
  const answer = await login();
  expect(answer.status).toBe(200);
  return await answer.text();
}

const call = (method: string, path: string, body?: unknown) => api.call(token, method, path, body);
const codeOf = async (answer: Response): Promise<string> =>
  answer.ok ? 'ok' : ((await answer.json()) as { code: string }).code;
/** A code `steps` of thirty seconds from now. */
const totp = (secret: string, steps = 0) => generateSync({ secret, epoch: Date.now() / 1000 + 30 * steps });
const read = async <T>(answer: Response): Promise<T> => (await answer.json()) as T;

/** Turns codes on with the code of the step before, so that those of now and next are left. */
async function turnOn(): Promise<{ secret: string; recoveryCodes: string[] }> {
  const { secret } = await read<{ secret: string }>(await call('POST', '/api/v1/me/totp'));
  const confirmed = await call('POST', '/api/v1/me/totp/confirmation', { code: totp(secret, -1) });
  expect(confirmed.status).toBe(201);
  return { secret, ...(await read<{ recoveryCodes: string[] }>(confirmed)) };
}

test('codes are asked for once one has confirmed them, and not before', async () => {
  const { secret, uri } = await read<{ secret: string; uri: string }>(await call('POST', '/api/v1/me/totp'));
  expect(uri).toContain(secret);
  expect((await login()).status).toBe(200);
  expect(await codeOf(await call('POST', '/api/v1/me/totp/confirmation', { code: '000000' }))).toBe('bad-code');
  const confirmed = await call('POST', '/api/v1/me/totp/confirmation', { code: totp(secret) });
  expect((await read<{ recoveryCodes: string[] }>(confirmed)).recoveryCodes).toHaveLength(10);
  expect(await codeOf(await login())).toBe('second-factor-needed');
  expect(await read<object>(await call('GET', '/api/v1/me/factors'))).toMatchObject({
    hasPassword: true,
    totp: { isActive: true },
    recoveryCodesLeft: 10,
    passkeys: 0,
  });
});

test('a code signs in once, in whichever form it is typed', async () => {
  const { secret } = await turnOn();
  const code = totp(secret);
  expect(await codeOf(await login({ token2fa: `${code.slice(0, 3)} ${code.slice(3)}` }))).toBe('ok');
  expect(await codeOf(await login({ token2fa: code }))).toBe('bad-code');
  // Nor does one that is older than the last.
  expect(await codeOf(await login({ token2fa: totp(secret, -1) }))).toBe('bad-code');
  expect(await codeOf(await login({ token2fa: totp(secret, 1) }))).toBe('ok');
});

test('of many at once with the same code one gets in', async () => {
  const { secret, recoveryCodes } = await turnOn();
  for (const token2fa of [totp(secret), recoveryCodes[0]!]) {
    const outcomes = await Promise.all(Array.from({ length: 5 }, async () => codeOf(await login({ token2fa }))));
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(1);
  }
});

test('a right code does not help a wrong password, and is not used up by it', async () => {
  const { secret } = await turnOn();
  const token2fa = totp(secret);
  expect(await codeOf(await login({ token2fa }, 'a wrong password'))).toBe('bad-credentials');
  expect(await codeOf(await login({ token2fa }))).toBe('ok');
});

test('each recovery code works once, and new ones void the old', async () => {
  const { recoveryCodes } = await turnOn();
  const [first, second, third] = recoveryCodes;
  expect(await codeOf(await login({ token2fa: first!.toUpperCase().replaceAll('-', ' ') }))).toBe('ok');
  expect(await codeOf(await login({ token2fa: first }))).toBe('bad-code');
  const renewed = await call('POST', '/api/v1/me/recovery-codes', { code: second });
  const fresh = (await read<{ recoveryCodes: string[] }>(renewed)).recoveryCodes;
  expect(fresh).toHaveLength(10);
  expect(await codeOf(await login({ token2fa: third }))).toBe('bad-code');
  expect(await codeOf(await login({ token2fa: fresh[0] }))).toBe('ok');
});

test('codes go off with the password or a code, and nothing else', async () => {
  await turnOn();
  const off = async (proof: object) => codeOf(await call('POST', '/api/v1/me/totp/deletion', proof));
  expect(await off({ password: 'a wrong password' })).toBe('bad-credentials');
  expect(await off({ code: '000000' })).toBe('bad-code');
  expect(await off({})).toBe('bad-input');
  expect(await off({ password: PASSWORD })).toBe('ok');
  expect(await codeOf(await login())).toBe('ok');
  const { secret, recoveryCodes } = await turnOn();
  expect(await off({ code: totp(secret) })).toBe('ok');
  // Those of before are nothing now.
  const again = await turnOn();
  expect(await off({ code: recoveryCodes[0] })).toBe('bad-code');
  expect(await off({ code: again.recoveryCodes[0] })).toBe('ok');
});

test('codes can be tried so often to prove who one is', async () => {
  await turnOn();
  const outcomes: string[] = [];
  for (let n = 0; n <= PROOF_TRIES; n++)
    outcomes.push(await codeOf(await call('POST', '/api/v1/me/totp/deletion', { code: '000000' })));
  expect(outcomes.at(0)).toBe('bad-code');
  expect(outcomes.at(-1)).toBe('too-many-requests');
});

test('wrong codes at the door make those wait who try them, and a missing one does not', async () => {
  const { secret } = await turnOn();
  for (let n = 0; n < 12; n++) expect(await codeOf(await login())).toBe('second-factor-needed');
  let outcome = '';
  for (let n = 0; n < 20 && outcome !== 'sign-in-delayed'; n++)
    outcome = await codeOf(await login({ token2fa: '000000' }));
  expect(outcome).toBe('sign-in-delayed');
  expect(await codeOf(await login({ token2fa: totp(secret) }))).toBe('sign-in-delayed');
});

test('turning codes on ends the other sign-ins and keeps the one that does it', async () => {
  const other = await signInBare();
  await turnOn();
  expect((await api.call(other, 'GET', '/api/v1/me')).status).toBe(401);
  expect((await call('GET', '/api/v1/me')).status).toBe(200);
});

test('an active secret is not replaced by beginning anew', async () => {
  const { secret } = await turnOn();
  expect(await codeOf(await call('POST', '/api/v1/me/totp'))).toBe('factor-active');
  expect(await codeOf(await login({ token2fa: totp(secret) }))).toBe('ok');
});

test('the secret and the recovery codes are not readable in the tables or in the audit log', async () => {
  const { secret, recoveryCodes } = await turnOn();
  const { database } = api.context.store;
  const kept = await findTotpSecret(database, userId);
  expect(kept!.secret).not.toContain(secret);
  const rows = await Promise.all([
    database.selectFrom('recovery_codes').selectAll().where('user_id', '=', userId).execute(),
    database.selectFrom('audit_entries').selectAll().execute(),
  ]);
  const text = JSON.stringify(rows);
  for (const code of [secret, ...recoveryCodes, recoveryCodes[0]!.replaceAll('-', '')])
    expect(text).not.toContain(code);
});

test('where the tenant asks for a second factor, who has none may only set one up', async () => {
  const tenantId = await api.makeTenant(`strict ${randomUUID()}`);
  ({ email, userId } = await makeUser(tenantId));
  token = await signInBare();
  expect((await call('GET', '/api/v1/devices')).status).toBe(200);
  await api.context.store.database
    .updateTable('tenants')
    .set({ settings: JSON.stringify({ requireSecondFactor: true }) })
    .where('id', '=', tenantId)
    .execute();
  expect(await codeOf(await call('GET', '/api/v1/devices'))).toBe('not-allowed');
  expect(await read<object>(await call('GET', '/api/v1/me'))).toMatchObject({
    mustSetUpSecondFactor: true,
    permissions: {},
  });
  const { secret } = await turnOn();
  expect(await read<object>(await call('GET', '/api/v1/me'))).toMatchObject({ mustSetUpSecondFactor: false });
  expect((await call('GET', '/api/v1/devices')).status).toBe(200);
  token = await (await login({ token2fa: totp(secret) })).text();
  expect((await call('GET', '/api/v1/devices')).status).toBe(200);
});

test('a password alone does not put factors in the place of a passkey, where a second one is asked for', async () => {
  const tenantId = await api.makeTenant(`strict ${randomUUID()}`);
  await api.context.store.database
    .updateTable('tenants')
    .set({ settings: JSON.stringify({ requireSecondFactor: true }) })
    .where('id', '=', tenantId)
    .execute();
  ({ email, userId } = await makeUser(tenantId));
  const passkey = await insertPasskey(api.context.store.database, {
    tenantId,
    userId,
    credentialId: randomUUID(),
    publicKey: Buffer.from('key'),
    counter: 0,
    transports: [],
    isSynced: false,
    name: 'Phone',
  });
  token = await signInBare();
  expect(await codeOf(await call('POST', '/api/v1/me/totp'))).toBe('not-allowed');
  expect(await codeOf(await call('POST', '/api/v1/me/totp/confirmation', { code: '000000' }))).toBe('not-allowed');
  expect(await codeOf(await call('DELETE', `/api/v1/me/passkeys/${passkey!.id}`))).toBe('not-allowed');
  const begun = new Request(`${api.context.publicUrl}/api/v1/me/passkeys/options`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, origin: api.context.publicUrl },
  });
  expect(await codeOf((await api.api.answer(begun, address)) as Response)).toBe('not-allowed');
});

test('many who prove by password who they are take nobody the way to the database', async () => {
  await turnOn();
  const answers = await Promise.all(
    Array.from({ length: 14 }, () => call('POST', '/api/v1/me/totp/deletion', { password: 'a wrong password' })),
  );
  expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
});
