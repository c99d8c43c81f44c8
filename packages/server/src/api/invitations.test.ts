import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash, randomUUID } from 'node:crypto';
import type { Grant, InvitationWithLink, Problem, User } from '@lovely/api';
import type { Mail } from '../mail/mailer.ts';
import { createApi, type Api } from './api.ts';
import { startTestApi, TEST_ORIGIN, type SignedIn, type TestApi } from './test-api.ts';

const ADMINISTRATOR: Grant[] = [{ roleId: 'administrator', groupIds: null }];
const VIEWER: Grant[] = [{ roleId: 'viewer', groupIds: null }];
const PASSWORD = 'seventeen blue tractors';

let server: TestApi;
let tenantId: string;
let admin: SignedIn;
beforeAll(async () => {
  server = await startTestApi();
  tenantId = server.context.firstTenantId;
  admin = await server.signIn(tenantId, ADMINISTRATOR);
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

let callers = 0;
/** As somebody at the door whose address nobody has seen yet. */
async function atTheDoor(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  const request = new Request(TEST_ORIGIN + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: TEST_ORIGIN, ...headers },
    body: JSON.stringify(body),
  });
  return (await server.api.answer(request, `198.51.100.${++callers}`)) as Response;
}

const someEmail = () => `${randomUUID()}@example.com`;
const codeOf = async (answer: Response) => (answer.ok ? 'ok' : ((await answer.json()) as Problem).code);
const invite = (by: SignedIn, email: string, grants = VIEWER) =>
  server.call(by.token, 'POST', '/api/v1/invitations', { email, grants });
const invited = async (by: SignedIn, email: string, grants = VIEWER) =>
  (await (await invite(by, email, grants)).json()) as InvitationWithLink;
const secretOf = ({ url }: InvitationWithLink) => new URL(url).hash.slice(1);
const accept = (code: string, name = 'Ada') =>
  atTheDoor('/api/v1/invitation/acceptance', { code, name, password: PASSWORD });
const read = (code: string) => atTheDoor('/api/v1/invitation', { code });
const listed = async (by: SignedIn) =>
  ((await (await server.call(by.token, 'GET', '/api/v1/invitations')).json()) as { items: { id: string }[] }).items.map(
    ({ id }) => id,
  );
const expire = (id: string) =>
  server.context.store.database
    .updateTable('invitations')
    .set({ expires_at: new Date(Date.now() - 1) })
    .where('id', '=', id)
    .execute();

test('who accepts an invitation is a user with its roles, and signed in', async () => {
  const email = someEmail();
  const invitation = await invited(admin, email, [{ roleId: 'operator', groupIds: null }]);
  expect(invitation.url).toStartWith(`${TEST_ORIGIN}/invite#`);
  expect(invitation.isMailed).toBe(false);
  expect(await (await read(secretOf(invitation))).json()).toMatchObject({
    email,
    tenantName: 'Home',
    invitedBy: 'Somebody',
    expiresAt: invitation.expiresAt,
  });
  const accepted = await accept(secretOf(invitation));
  expect(accepted.status).toBe(201);
  const user = (await accepted.json()) as User;
  expect(user).toMatchObject({ email, name: 'Ada', tenant: { id: tenantId }, permissions: { 'device.write': 'all' } });
  expect(await listed(admin)).not.toContain(invitation.id);
  const [cookie = ''] = accepted.headers.get('set-cookie')!.split(';');
  const me = await server.api.answer(new Request(`${TEST_ORIGIN}/api/v1/me`, { headers: { cookie } }), '198.51.100.1');
  expect(((await (me as Response).json()) as User).id).toBe(user.id);
});

test('a code has 256 bits, and only its hash is kept', async () => {
  const invitation = await invited(admin, someEmail());
  const code = secretOf(invitation);
  expect(Buffer.from(code, 'base64url')).toHaveLength(32);
  const row = await server.context.store.database
    .selectFrom('invitations')
    .selectAll()
    .where('id', '=', invitation.id)
    .executeTakeFirstOrThrow();
  expect(row.code_hash).toEqual(createHash('sha256').update(code).digest());
  expect(JSON.stringify(row)).not.toContain(code);
});

test('a link works once, also when it is used several times at the same moment', async () => {
  const invitation = await invited(admin, someEmail());
  const outcomes = await Promise.all([1, 2, 3, 4].map(async () => codeOf(await accept(secretOf(invitation)))));
  expect(outcomes.filter((code) => code === 'ok')).toHaveLength(1);
  expect(outcomes.filter((code) => code !== 'ok' && code !== 'bad-link' && code !== 'email-taken')).toEqual([]);
  expect(await codeOf(await accept(secretOf(invitation)))).toBe('bad-link');
});

test('links that are wrong, too old, taken back or renewed are all told alike', async () => {
  const [old, taken, renewed] = [
    await invited(admin, someEmail()),
    await invited(admin, someEmail()),
    await invited(admin, someEmail()),
  ];
  await expire(old.id);
  await server.call(admin.token, 'DELETE', `/api/v1/invitations/${taken.id}`);
  const again = await server.call(admin.token, 'POST', `/api/v1/invitations/${renewed.id}/renewals`);
  for (const code of [secretOf(old), secretOf(taken), secretOf(renewed), 'made-up']) {
    expect(await codeOf(await read(code))).toBe('bad-link');
    expect(await codeOf(await accept(code))).toBe('bad-link');
  }
  const link = (await again.json()) as InvitationWithLink;
  expect(await codeOf(await accept(secretOf(link)))).toBe('ok');
});

test('one that is too old is renewed, and works again', async () => {
  const old = await invited(admin, someEmail());
  await expire(old.id);
  expect(await listed(admin)).toContain(old.id);
  const again = (await (
    await server.call(admin.token, 'POST', `/api/v1/invitations/${old.id}/renewals`)
  ).json()) as InvitationWithLink;
  expect(await codeOf(await accept(secretOf(again)))).toBe('ok');
});

test('a password that others would guess is refused, and the link works on', async () => {
  const invitation = await invited(admin, 'grace.hopper@example.com');
  const weak = { code: secretOf(invitation), name: 'Grace', password: 'Grace.Hopper.1' };
  expect(await codeOf(await atTheDoor('/api/v1/invitation/acceptance', weak))).toBe('weak-password');
  expect(await codeOf(await accept(secretOf(invitation)))).toBe('ok');
});

test('a page of another site can’t accept an invitation', async () => {
  const invitation = await invited(admin, someEmail());
  const answer = await atTheDoor(
    '/api/v1/invitation/acceptance',
    { code: secretOf(invitation), name: 'Ada', password: PASSWORD },
    { origin: 'https://evil.example.com' },
  );
  expect(await codeOf(answer)).toBe('bad-origin');
});

test('codes can’t be tried without end from one address', async () => {
  const codes: string[] = [];
  for (let tries = 0; tries < 40; tries++)
    codes.push(await codeOf(await server.call(null, 'POST', '/api/v1/invitation', { code: `made-up-${tries}` })));
  expect(codes[0]).toBe('bad-link');
  expect(codes.at(-1)).toBe('too-many-requests');
});

describe('an e-mail address', () => {
  test('of a user or an invitation of the same tenant is told as taken', async () => {
    const email = someEmail();
    const invitation = await invited(admin, email);
    expect(await codeOf(await invite(admin, email.toUpperCase()))).toBe('invitation-exists');
    await accept(secretOf(invitation));
    expect(await codeOf(await invite(admin, email.toUpperCase()))).toBe('email-taken');
  });

  test('of a user of another tenant is told as taken only to who holds the link, which works on', async () => {
    const email = someEmail();
    await accept(secretOf(await invited(admin, email)));
    const other = await server.signIn(await server.makeTenant('Other'), ADMINISTRATOR);
    const answer = await invite(other, email);
    expect(answer.status).toBe(201);
    const code = secretOf((await answer.json()) as InvitationWithLink);
    expect(await codeOf(await read(code))).toBe('ok');
    expect(await codeOf(await accept(code))).toBe('email-taken');
    expect(await codeOf(await read(code))).toBe('ok');
  });
});

describe('nobody invites to more than they have', () => {
  test('an administrator invites no administrator of the system, nor renews such an invitation', async () => {
    const grants: Grant[] = [{ roleId: 'system-administrator', groupIds: null }];
    expect(await codeOf(await invite(admin, someEmail(), grants))).toBe('not-allowed');
    const system = await server.signIn(tenantId, grants);
    const { id } = await invited(system, someEmail(), grants);
    const renewal = await server.call(admin.token, 'POST', `/api/v1/invitations/${id}/renewals`);
    expect(await codeOf(renewal)).toBe('not-allowed');
  });

  test('what somebody invited who was demoted, disabled or deleted is void', async () => {
    for (const [method, body] of [
      ['PATCH', { grants: VIEWER }],
      ['PATCH', { disabled: true }],
      ['DELETE', undefined],
    ] as const) {
      const helper = await server.signIn(tenantId, ADMINISTRATOR);
      const invitation = await invited(helper, someEmail());
      expect((await server.call(admin.token, method, `/api/v1/users/${helper.userId}`, body)).ok).toBe(true);
      expect(await codeOf(await read(secretOf(invitation)))).toBe('bad-link');
    }
  });
});

test('invitations of another tenant are as ones that don’t exist', async () => {
  const stranger = await server.signIn(await server.makeTenant('Strange'), ADMINISTRATOR);
  const { id } = await invited(admin, someEmail());
  expect(await listed(stranger)).toEqual([]);
  for (const one of [id, randomUUID()]) {
    expect((await server.call(stranger.token, 'DELETE', `/api/v1/invitations/${one}`)).status).toBe(404);
    expect((await server.call(stranger.token, 'POST', `/api/v1/invitations/${one}/renewals`)).status).toBe(404);
  }
});

test('with a mail server the link is mailed too, once the invitation is committed', async () => {
  const mails: Mail[] = [];
  const mailer = { send: (mail: Mail) => void mails.push(mail), close: () => Promise.resolve() };
  const api: Api = createApi({ ...server.context, mailer });
  const email = someEmail();
  const request = new Request(`${TEST_ORIGIN}/api/v1/invitations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${admin.token}` },
    body: JSON.stringify({ email, grants: VIEWER }),
  });
  const invitation = (await ((await api.answer(request, '198.51.100.1')) as Response).json()) as InvitationWithLink;
  await api.close();
  expect(invitation.isMailed).toBe(true);
  expect(mails.map(({ to }) => to)).toEqual([email]);
  expect(mails[0]!.text).toContain(invitation.url);
});

test('the audit log tells who invited whom and who came, and no code', async () => {
  const email = someEmail();
  const invitation = await invited(admin, email);
  await accept(secretOf(invitation));
  const entries = await server.context.store.database
    .selectFrom('audit_entries')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .orderBy('position', 'desc')
    .limit(3)
    .execute();
  expect(entries.map(({ action }) => action)).toEqual(['login.create', 'invitation.accept', 'invitation.create']);
  expect(entries[1]!.object).toMatchObject({ type: 'invitation', id: invitation.id, name: email });
  expect(JSON.stringify(entries)).not.toContain(secretOf(invitation));
});
