/** No secret stands in what the server prints, in an address, in another answer, or in a file of the repository. */
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  beginTotp,
  call,
  changePassword,
  confirmTotp,
  createInvitation,
  createJoinCode,
  createPasswordReset,
  createSetup,
  createToken,
  createWebhook,
  getMe,
  listAlerts,
  listUsers,
  listWebhooks,
  rotateWebhookSecret,
  testWebhook,
  type CallInput,
  type Endpoint,
  type Result,
} from '@lovely/api';
import { authenticatorCode } from './harness/authenticator.ts';
import { TestGateway } from './harness/gateway.ts';
import { TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';

const REPO = new URL('..', import.meta.url).pathname;
const PASSWORD = 'violet-anchor-maple-7731';
const NEW_PASSWORD = 'copper-lantern-drift-9942';
/** Made for tests and examples; nothing trusts them. */
const HARMLESS = ['packages/client/test/tls/localhost.key', 'packages/server/src/api/open-api/example.ts'];
const WRONG_PASSWORD = 'never-the-right-one-5510';

test('a session with every kind of secret leaves none of them behind', async () => {
  await using server = await TestServer.start({
    admin: false,
    env: {
      LOVELY_LOG_LEVEL: 'trace',
      LOVELY_WEBHOOKS_ALLOW_PRIVATE: 'yes',
      LOVELY_METRICS_TOKEN: 'metrics-token-of-this-test-4711-abcdefgh',
    },
  });
  const secrets = new Map<string, string>([['the token for metrics', 'metrics-token-of-this-test-4711-abcdefgh']]);
  const urls: string[] = [];
  let cookie = '';
  let bearer: string | undefined;
  const as = async <E extends Endpoint>(endpoint: E, input: CallInput<E> = {}): Promise<Result<E>> =>
    await call(
      async (url, init) => {
        urls.push(url);
        const response = await server.fetch(url, init);
        const set = response.headers.getSetCookie().map((one) => one.split(';')[0]!);
        if (set.length > 0) cookie = set.join('; ');
        return response;
      },
      '',
      endpoint,
      input,
      bearer === undefined ? { cookie, origin: server.url } : { authorization: `Bearer ${bearer}` },
    );

  // The set-up link is printed on purpose, once; its code must not come again.
  const [, code] = await server.process.line(/^set up \S+#(\S+)$/m);
  await as(createSetup, { body: { code: code!, email: 'root@example.com', name: 'Root', password: PASSWORD } });
  secrets.set('the password', PASSWORD);
  secrets.set('the cookie', cookie.slice(cookie.indexOf('=') + 1));

  const login = async (password: string): Promise<Response> =>
    await server.fetch('/api/management/v1/useradm/auth/login', {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`root@example.com:${password}`)}` },
    });
  secrets.set('a wrong password', WRONG_PASSWORD);
  secrets.set('a wrong password as it is sent', btoa(`root@example.com:${WRONG_PASSWORD}`));
  secrets.set('the password as it is sent', btoa(`root@example.com:${PASSWORD}`));
  expect((await login(WRONG_PASSWORD)).status).toBe(401);
  secrets.set('the bearer token', await (await login(PASSWORD)).text());

  const { secret: accessToken } = await as(createToken, {
    body: { name: 'program', permissions: ['fleet.read'], expiresInDays: 1 },
  });
  secrets.set('the access token', accessToken);
  bearer = accessToken;
  await as(listAlerts);
  bearer = undefined;

  const totp = await as(beginTotp);
  secrets.set('the secret of the authenticator app', totp.secret);
  const { recoveryCodes } = await as(confirmTotp, { body: { code: authenticatorCode(totp.secret) } });
  for (const [at, one] of recoveryCodes.entries()) secrets.set(`recovery code ${at}`, one);

  const invitation = await as(createInvitation, {
    body: { email: 'new@example.com', grants: [{ roleId: 'viewer', groupIds: null }] },
  });
  secrets.set('the code of the invitation', new URL(invitation.url).hash.slice(1));
  const { items: users } = await as(listUsers);
  const reset = await as(createPasswordReset, { params: { id: users[0]!.id } });
  secrets.set('the code of the reset', new URL(reset.url).hash.slice(1));

  const hook = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('', { status: 500 }) });
  const path = 'T00SECRETPATH00/B00SECRETPATH00';
  secrets.set('the path of the webhook', path);
  const { webhook, secret } = await as(createWebhook, {
    body: { name: 'hook', url: `http://127.0.0.1:${hook.port}/${path}`, events: ['audit.created'], enabled: true },
  });
  secrets.set('the webhook’s secret', secret);
  const params = { id: webhook.id };
  secrets.set(
    'the webhook’s next secret',
    (await as(rotateWebhookSecret, { params, body: { overlapHours: 1 } })).secret,
  );
  await as(testWebhook, { params });
  await until('a delivery has failed', async () => (await as(listWebhooks)).items[0]!.failingSince !== null);
  await hook.stop(true);

  const { code: joinCode } = await as(createJoinCode, {
    body: { name: 'door', expiresInMinutes: 10, usesMax: 5, accept: true, groupId: null, tags: [] },
  });
  secrets.set('the join code', joinCode);
  secrets.set('the join code without hyphens', joinCode.replaceAll('-', ''));
  {
    await using gateway = await TestGateway.start(server, { args: ['--join-code', joinCode] });
    await until('the gateway is connected', () => gateway.process.output().includes(' connected '));
    secrets.set('the gateway’s key', firstKeyLine(join(gateway.dataDir, 'key.pem')));
    for (const name of secrets.keys())
      expect([name, gateway.process.output().includes(secrets.get(name)!)]).toEqual([name, false]);
  }

  await as(changePassword, { body: { currentPassword: PASSWORD, password: NEW_PASSWORD } });
  secrets.set('the new password', NEW_PASSWORD);
  secrets.set('the cookie after that', cookie.slice(cookie.indexOf('=') + 1));
  const me = JSON.stringify(await as(getMe));

  const databasePassword = readFileSync(join(server.dataDir, 'postgres/password'), 'utf8').trim();
  secrets.set('the password of the database', databasePassword);
  secrets.set('the key of the CA', firstKeyLine(join(server.dataDir, 'tls/ca.pem')));

  await server.process.stop();
  const printed = server.process.output();
  expect(printed).toContain('"level":20');
  expect(printed.split(code!)).toHaveLength(2);
  for (const [name, text] of secrets) {
    expect([name, text.length >= 8]).toEqual([name, true]);
    expect([name, printed.includes(text)]).toEqual([name, false]);
    expect([name, urls.some((url) => decodeURIComponent(url).includes(text))]).toEqual([name, false]);
    expect([name, me.includes(text)]).toEqual([name, false]);
  }
});

function firstKeyLine(path: string): string {
  return /PRIVATE KEY-----\n(.+)\n/.exec(readFileSync(path, 'utf8'))![1]!;
}

test('the repository holds no key, token or password of a real thing', async () => {
  const listed = await Bun.$`git ls-files -z`.cwd(REPO).quiet().text();
  const patterns = {
    'a private key': /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{60,}/,
    'a webhook’s secret': /whsec_[A-Za-z0-9+/]{32,}/,
    'an access token of ours': /lovely_pat_[A-Za-z0-9]{38}/,
    'a token of somebody’s cloud': /\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[baprs]-[A-Za-z0-9-]{20,})/,
  };
  const found: string[] = [];
  for (const path of listed.split('\0')) {
    if (path === '' || HARMLESS.includes(path)) continue;
    const file = Bun.file(join(REPO, path));
    if (!(await file.exists()) || file.size > 4_000_000) continue;
    const text = await file.text();
    for (const [what, pattern] of Object.entries(patterns)) if (pattern.test(text)) found.push(`${path}: ${what}`);
  }
  expect(found).toEqual([]);
});
