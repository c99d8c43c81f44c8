/** People, from the first invitation to a forgotten password, with the real server and a real mail server. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import {
  acceptInvitation,
  ApiError,
  call,
  changePassword,
  completePasswordReset,
  createInvitation,
  createLogin,
  createPasswordReset,
  getMe,
  listUsers,
  readInvitation,
  requestPasswordReset,
  updateMe,
  updateUser,
  type CallInput,
  type Endpoint,
  type Result,
} from '@lovely/api';
import { plainText, startMailServer, type MailServer } from './harness/mail-server.ts';
import { ADMIN, TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';

const MAIL_LOGIN = { user: 'lovely', password: 'the-password-of-the-mail-server' };
const PASSWORD = 'seventeen blue tractors';
const OTHER_PASSWORD = 'eighteen green harvesters';
/** Wrong passwords that cost no wait. */
const FREE_FAILURES = 5;

let mail: MailServer;
let server: TestServer;
/** What the server printed before it was started again. */
let printed = '';
beforeAll(async () => {
  mail = await startMailServer({ login: MAIL_LOGIN });
  server = await TestServer.start({
    env: {
      LOVELY_SMTP_URL: `smtp://${MAIL_LOGIN.user}:${MAIL_LOGIN.password}@127.0.0.1:${mail.port}`,
      LOVELY_MAIL_FROM: 'Lovely <lovely@example.com>',
      LOVELY_LOG_LEVEL: 'debug',
    },
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await mail[Symbol.asyncDispose]();
});

/** A browser of somebody: it keeps the cookie that the server gives it. */
function openBrowser(): <E extends Endpoint>(endpoint: E, input?: CallInput<E>) => Promise<Result<E>> {
  let cookie = '';
  return async (endpoint, input = {}) =>
    await call(
      async (path, init) => {
        const response = await server.fetch(path, {
          ...init,
          headers: { ...init.headers, cookie, origin: server.url },
        });
        const [given] = response.headers.get('set-cookie')?.split(';') ?? [];
        cookie = given ?? cookie;
        return response;
      },
      '',
      endpoint,
      input,
    );
}

const refusal = async (calling: Promise<unknown>): Promise<string> => {
  const error = await calling.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof ApiError ? error.problem.code : String(error);
};
/** Every code that came by mail. */
const codes: string[] = [];

function codeIn(text: string, page: string): string {
  const code = new RegExp(`^${server.url}/${page}#(\\S+)$`, 'm').exec(text)![1]!;
  codes.push(code);
  return code;
}
const signIn = (email: string, password: string) => openBrowser()(createLogin, { body: { email, password } });

test('somebody invited by mail becomes a user, changes name and password, and is found by the administrator', async () => {
  const email = 'ada@example.com';
  const invitation = await server.call(createInvitation, {
    body: { email, grants: [{ roleId: 'operator', groupIds: null }] },
  });
  expect(invitation.isMailed).toBe(true);
  const letter = await mail.take(email);
  expect(letter.from).toBe('lovely@example.com');
  expect(letter.source).toMatch(/^Subject: .*invites you to/m);
  expect(letter.source).toMatch(/^Content-Type: text\/html/m);
  const code = codeIn(plainText(letter), 'invite');
  expect(invitation.url).toEndWith(`#${code}`);

  const ada = openBrowser();
  expect(await ada(readInvitation, { body: { code } })).toMatchObject({ email, tenantName: 'Home' });
  const user = await ada(acceptInvitation, { body: { code, name: 'Ada', password: PASSWORD } });
  expect(user.permissions['device.accept']).toBe('all');
  expect(await refusal(openBrowser()(acceptInvitation, { body: { code, name: 'Eve', password: PASSWORD } }))).toBe(
    'bad-link',
  );
  expect(await ada(updateMe, { body: { name: 'Ada Lovelace' } })).toMatchObject({ name: 'Ada Lovelace' });
  await ada(changePassword, { body: { currentPassword: PASSWORD, password: OTHER_PASSWORD } });
  expect((await ada(getMe)).name).toBe('Ada Lovelace');
  expect(await refusal(signIn(email, PASSWORD))).toBe('bad-credentials');
  expect((await signIn(email, OTHER_PASSWORD)).id).toBe(user.id);

  const { items } = await server.call(listUsers, { query: { search: 'lovelace' } });
  expect(items).toMatchObject([{ id: user.id, email, grants: [{ roleId: 'operator', groupIds: null }] }]);
  expect(items[0]!.lastLoginAt).not.toBeNull();
});

test('who forgot the password sets a new one by mail, and all sign-ins end', async () => {
  const email = 'grace@example.com';
  const grace = await invite(email, 'Grace');
  const stranger = openBrowser();
  const known = await stranger(requestPasswordReset, { body: { email } });
  expect(await stranger(requestPasswordReset, { body: { email: 'nobody@example.com' } })).toEqual(known);
  const code = codeIn(plainText(await mail.take(email)), 'reset');
  await stranger(completePasswordReset, { body: { code, password: OTHER_PASSWORD } });
  expect(await refusal(grace(getMe))).toBe('not-signed-in');
  expect(await refusal(stranger(completePasswordReset, { body: { code, password: PASSWORD } }))).toBe('bad-link');
  expect((await signIn(email, OTHER_PASSWORD)).email).toBe(email);
  expect(mail.mails).toEqual([]);
});

test('a live page of somebody closes when an administrator disables them', async () => {
  const email = 'mary@example.com';
  const mary = openBrowser();
  const id = await accept(mary, email, 'Mary');
  const { cookie } = await loginOf(email, PASSWORD);
  const socket = new WebSocket(`${server.url.replace('https:', 'wss:')}/api/v1/live`, {
    headers: { cookie, origin: server.url },
    tls: await server.tls(),
  });
  const closed = new Promise<number>((resolve) => (socket.onclose = ({ code }) => resolve(code)));
  await new Promise((resolve) => (socket.onopen = resolve));
  await server.call(updateUser, { params: { id }, body: { disabled: true } });
  expect(await closed).toBe(1008);
  expect(await refusal(mary(getMe))).toBe('not-signed-in');
  expect(await refusal(signIn(email, PASSWORD))).toBe('user-disabled');
  expect(await refusal(server.call(createPasswordReset, { params: { id } }))).toBe('user-disabled');
});

test('failed sign-ins are remembered across a restart, and concern nobody else', async () => {
  const email = 'margaret@example.com';
  await invite(email, 'Margaret');
  const guess = (): Promise<string> => refusal(signIn(email, 'a wrong password'));
  const before: string[] = [];
  for (let tries = 0; tries < FREE_FAILURES; tries++) before.push(await guess());
  expect(new Set(before)).toEqual(new Set(['bad-credentials']));
  await server.process.stop();
  printed += server.process.output();
  await server.restart();
  const after: string[] = [];
  await until('it is made to wait', async () => {
    after.push(await guess());
    return after.at(-1) === 'sign-in-delayed';
  });
  // Each wait is twice the one before: soon one is longer than a try takes, and before the free ones of a fresh start.
  expect(after.length).toBeLessThan(FREE_FAILURES);
  expect((await signIn(ADMIN.email, ADMIN.password)).email).toBe(ADMIN.email);
});

test('the log tells of mails and sign-ins, and holds no code and no password', () => {
  const output = printed + server.process.output();
  expect(output).toContain('mail sent');
  expect(output).toContain('bad-credentials');
  for (const secret of [MAIL_LOGIN.password, PASSWORD, OTHER_PASSWORD, ADMIN.password, '/invite#', '/reset#', ...codes])
    expect([secret, output.includes(secret)]).toEqual([secret, false]);
});

async function invite(email: string, name: string): Promise<ReturnType<typeof openBrowser>> {
  const browser = openBrowser();
  await accept(browser, email, name);
  return browser;
}

async function accept(browser: ReturnType<typeof openBrowser>, email: string, name: string): Promise<string> {
  await server.call(createInvitation, { body: { email, grants: [{ roleId: 'viewer', groupIds: null }] } });
  const code = codeIn(plainText(await mail.take(email)), 'invite');
  return (await browser(acceptInvitation, { body: { code, name, password: PASSWORD } })).id;
}

async function loginOf(email: string, password: string): Promise<{ cookie: string }> {
  const response = await server.fetch(createLogin.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.url },
    body: JSON.stringify({ email, password }),
  });
  return { cookie: response.headers.get('set-cookie')!.split(';')[0]! };
}
