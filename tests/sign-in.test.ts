/** Signing in without a password, and being signed out: passkeys, OpenID Connect providers, sockets that end. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import {
  beginPasskey,
  beginPasskeyLogin,
  call,
  createInvitation,
  createOidcProvider,
  createPasskey,
  createPasskeyLogin,
  createTenant,
  createToken,
  deleteOidcProvider,
  deletePasskey,
  deleteToken,
  deleteUser,
  endLogin,
  endOtherLogins,
  findLoginProviders,
  getMe,
  listLogins,
  listOidcProviders,
  listPasskeys,
  listUsers,
  PATHS,
  updateOidcProvider,
  updateUser,
  type ApiError,
  type CallInput,
  type Endpoint,
  type Problem,
  type Result,
} from '@lovely/api';
import { startOidcProvider, type ProviderAccount, type TestProvider } from './harness/oidc-provider.ts';
import { openBrowser } from './harness/browser.ts';
import { addPerson, type TestPerson } from './harness/people.ts';
import { TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';
import { testWith } from './tools.ts';

const TEST_MS = 120_000;

let server: TestServer;
let provider: TestProvider;
let callbackUrl: string;
beforeAll(async () => {
  server = await TestServer.start({ env: { LOVELY_OIDC_ALLOW_PRIVATE: 'yes' } });
  callbackUrl = server.localUrl + new URL((await server.call(listOidcProviders)).redirectUri).pathname;
  provider = await startOidcProvider([callbackUrl]);
}, TEST_MS);
afterAll(async () => {
  await provider[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** Calls as whoever holds the token. */
async function as<E extends Endpoint>(token: string, endpoint: E, input: CallInput<E> = {}): Promise<Result<E>> {
  const fetch = (url: string, init: RequestInit): Promise<Response> => server.fetch(url, init);
  return await call(fetch, '', endpoint, input, { authorization: `Bearer ${token}` });
}

/** The problem that a call ends with. */
async function refusalOf(calling: Promise<unknown>): Promise<Problem | undefined> {
  return await calling.then(
    () => undefined,
    (error: ApiError) => error.problem,
  );
}

/** A token of somebody's own sign-in. */
async function signIn({ email, password }: TestPerson): Promise<string> {
  const answer = await server.fetch('/api/management/v1/useradm/auth/login', {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${email}:${password}`)}`, 'user-agent': 'mender-cli' },
  });
  expect(answer.status).toBe(200);
  return await answer.text();
}

/** A browser without pages: keeps cookies by origin, follows redirects when told to. */
class CookieJar {
  readonly #cookies = new Map<string, Map<string, string>>();

  async get(url: string): Promise<Response> {
    const { origin } = new URL(url);
    const cookies = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, cookies);
    const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
    const answer = await fetch(url, { headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      cookies.set(name!, value!);
    }
    return answer;
  }

  /** Follows redirects until one leads to an address that begins with `to`, which is not opened. */
  async follow(url: string, to: string): Promise<string> {
    let next = url;
    for (let n = 0; n < 12; n++) {
      const answer = await this.get(next);
      const location = answer.headers.get('location');
      if (location === null) throw new Error(`${next} answered ${answer.status}: ${await answer.text()}`);
      next = new URL(location, next).href;
      if (next.startsWith(to)) return next;
    }
    throw new Error('too many redirects');
  }

  has(origin: string, name: string): boolean {
    return (this.#cookies.get(origin)?.get(name) ?? '') !== '';
  }
}

const startUrl = (id: string): string => server.localUrl + PATHS.oidcStart.replace('{id}', id);

/** Goes to the provider and signs in there; returns where it sends the browser back to. */
async function goThrough(jar: CookieJar, providerId: string, account: ProviderAccount): Promise<string> {
  provider.account = account;
  return await jar.follow(startUrl(providerId), callbackUrl);
}

/** Signs in through the provider; returns where the browser ends. */
async function enter(jar: CookieJar, providerId: string, account: ProviderAccount): Promise<string> {
  return (await jar.get(await goThrough(jar, providerId, account))).headers.get('location')!;
}

async function whoIs(jar: CookieJar): Promise<{ email: string; permissions: object } | undefined> {
  const answer = await jar.get(`${server.localUrl}/api/v1/me`);
  return answer.ok ? ((await answer.json()) as { email: string; permissions: object }) : undefined;
}

let names = 0;
async function addProvider(roleForNewPeople: string | null, emailDomains = ['example.com']): Promise<string> {
  const { issuer, clientId, clientSecret } = provider;
  const name = `Provider ${++names}`;
  const body = { name, issuer, clientId, clientSecret, emailDomains, roleForNewPeople, isPublic: false };
  return (await server.call(createOidcProvider, { body })).id;
}

const verified = (name: string): ProviderAccount => ({
  sub: `sub-${name}`,
  email: `${name}@example.com`,
  email_verified: true,
  name,
});

test(
  'somebody new comes in through a provider with its role, and is the same person the next time',
  async () => {
    const id = await addProvider('viewer');
    const jar = new CookieJar();
    expect(await enter(jar, id, verified('oda'))).toBe('/');
    expect(await whoIs(jar)).toMatchObject({ email: 'oda@example.com', permissions: { 'fleet.read': 'all' } });
    // The address may change at the provider, the subject may not.
    const again = new CookieJar();
    expect(await enter(again, id, { ...verified('oda'), email: 'oda.new@example.com' })).toBe('/');
    expect(await whoIs(again)).toMatchObject({ email: 'oda@example.com' });
  },
  TEST_MS,
);

test(
  'a user of the tenant is known by a verified address, an invited one gets what the invitation gives',
  async () => {
    const id = await addProvider(null);
    const kim = await addPerson(server, 'Kim', 'operator');
    const jar = new CookieJar();
    expect(await enter(jar, id, verified('kim'))).toBe('/');
    expect(await whoIs(jar)).toMatchObject({ email: kim.email });

    const grants = [{ roleId: 'terminal', groupIds: null }];
    await server.call(createInvitation, { body: { email: 'lee@example.com', grants } });
    const lee = new CookieJar();
    expect(await enter(lee, id, verified('lee'))).toBe('/');
    expect(await whoIs(lee)).toMatchObject({ permissions: { 'device.terminal': 'all' } });
    expect(await enter(new CookieJar(), id, verified('stranger'))).toBe('/sign-in#oidc=oidc-refused');
  },
  TEST_MS,
);

test(
  'who is not let in: without a verified address, of another domain, of another tenant, or who runs the system',
  async () => {
    const id = await addProvider('viewer', ['example.com', 'elsewhere.example']);
    const { invitation } = await server.call(createTenant, {
      body: { name: 'Elsewhere', limits: {}, administrator: 'boss@elsewhere.example' },
    });
    const accepted = await fetch(`${server.localUrl}/api/v1/invitation/acceptance`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        code: new URL(invitation.url).hash.slice(1),
        name: 'Boss',
        password: 'nine green kites at noon',
      }),
    });
    expect(accepted.status).toBe(201);
    const accounts: ProviderAccount[] = [
      { ...verified('una'), email_verified: false },
      { sub: 'no-address', name: 'Nobody' },
      { ...verified('una'), email: 'una@evil.example' },
      { ...verified('una'), email: 'una@evil.example@example.com' },
      { ...verified('boss'), email: 'boss@elsewhere.example' },
      { ...verified('admin'), email: 'ADMIN@example.com' },
    ];
    for (const account of accounts) {
      const jar = new CookieJar();
      expect([account.email, await enter(jar, id, account)]).toEqual([account.email, '/sign-in#oidc=oidc-refused']);
      expect(await whoIs(jar)).toBeUndefined();
    }
  },
  TEST_MS,
);

test(
  'what comes back to another browser, twice, or with another state signs nobody in',
  async () => {
    const id = await addProvider('viewer');
    const [victim, attacker] = [new CookieJar(), new CookieJar()];
    // Signing somebody in as the attacker, by a link.
    const link = await goThrough(attacker, id, verified('mallory'));
    expect((await victim.get(link)).headers.get('location')).toBe('/sign-in#oidc=oidc-failed');
    expect(await whoIs(victim)).toBeUndefined();
    // The state is used up by that, for the attacker too.
    expect((await attacker.get(link)).headers.get('location')).toBe('/sign-in#oidc=oidc-failed');

    const good = await goThrough(victim, id, verified('vera'));
    const other = await goThrough(attacker, id, verified('mallory'));
    const mixed = new URL(good);
    mixed.searchParams.set('code', new URL(other).searchParams.get('code')!);
    // Somebody else's code with the own state: the nonce and the verifier don't fit.
    expect((await victim.get(mixed.href)).headers.get('location')).toBe('/sign-in#oidc=oidc-failed');
    expect(await whoIs(victim)).toBeUndefined();

    const fine = await goThrough(victim, id, verified('vera'));
    expect((await victim.get(fine)).headers.get('location')).toBe('/');
    expect(await whoIs(victim)).toMatchObject({ email: 'vera@example.com' });
    expect((await victim.get(fine)).headers.get('location')).toBe('/sign-in#oidc=oidc-failed');
    for (const query of ['', '?state=x&code=y', '?error=access_denied'])
      expect((await victim.get(callbackUrl + query)).headers.get('location')).toBe('/sign-in#oidc=oidc-failed');
  },
  TEST_MS,
);

test(
  'an answer that names another issuer is refused',
  async () => {
    const id = await addProvider('viewer');
    const jar = new CookieJar();
    const back = new URL(await goThrough(jar, id, verified('ines')));
    expect(back.searchParams.get('iss')).toBe(provider.issuer);
    back.searchParams.set('iss', 'https://evil.example.com');
    expect((await jar.get(back.href)).headers.get('location')).toBe('/sign-in#oidc=oidc-failed');
    expect(await whoIs(jar)).toBeUndefined();
  },
  TEST_MS,
);

test(
  'an answer at the address of another tenant is refused',
  async () => {
    const id = await addProvider('viewer');
    const jar = new CookieJar();
    const back = await goThrough(jar, id, verified('tove'));
    const elsewhere = back.replace(callbackUrl, server.localUrl + PATHS.oidcCallback.replace('{id}', randomUUID()));
    expect((await jar.get(elsewhere)).headers.get('location')).toBe('/sign-in#oidc=oidc-failed');
    expect(await whoIs(jar)).toBeUndefined();
  },
  TEST_MS,
);

test(
  'a provider that is gone or disabled people sign nobody in',
  async () => {
    const id = await addProvider('viewer');
    const jar = new CookieJar();
    expect(await enter(jar, id, verified('dora'))).toBe('/');
    const { items } = await server.call(listUsers, { query: { search: 'dora' } });
    await server.call(updateUser, { params: { id: items[0]!.id }, body: { disabled: true } });
    expect(await whoIs(jar)).toBeUndefined();
    expect(await enter(jar, id, verified('dora'))).toBe('/sign-in#oidc=user-disabled');
    const back = await goThrough(jar, id, verified('emil'));
    await server.call(deleteOidcProvider, { params: { id } });
    expect((await jar.get(back)).headers.get('location')).toStartWith('/sign-in#oidc=');
    expect((await jar.get(startUrl(id))).headers.get('location')).toBe('/sign-in#oidc=not-found');
  },
  TEST_MS,
);

test('the sign-in page learns of providers by the domain of an address, or those that are for everybody', async () => {
  const id = await addProvider(null, ['hidden.example']);
  const find = async (email?: string): Promise<string[]> => {
    const fetchPlain = (url: string, init: RequestInit): Promise<Response> => fetch(url, init);
    const { items } = await call(fetchPlain, server.localUrl, findLoginProviders, { body: email ? { email } : {} });
    return items.map((item) => item.id);
  };
  expect(await find()).not.toContain(id);
  expect(await find('anybody@example.net')).not.toContain(id);
  expect(await find('Anybody@Hidden.Example')).toContain(id);
  await server.call(updateOidcProvider, { params: { id }, body: { isPublic: true } });
  expect(await find()).toContain(id);
});

test(
  'only whoever may do everything in a tenant names its providers, and a provider has to be one',
  async () => {
    const operator = await signIn(await addPerson(server, 'Olga', 'operator'));
    const { issuer, clientId, clientSecret } = provider;
    const create = (token: string, change: object) =>
      as(token, createOidcProvider, {
        body: {
          name: 'Own',
          issuer,
          clientId,
          clientSecret,
          emailDomains: ['example.com'],
          roleForNewPeople: null,
          isPublic: false,
          ...change,
        },
      });
    expect(await refusalOf(create(operator, {}))).toMatchObject({ code: 'not-allowed' });
    const administrator = await signIn(await addPerson(server, 'Anna', 'administrator'));
    expect(await refusalOf(create(administrator, { roleForNewPeople: 'system-administrator' }))).toMatchObject({
      code: 'not-allowed',
    });
    for (const wrong of [
      `${issuer}/nowhere`,
      `${issuer}/.well-known/openid-configuration`,
      'http://192.0.2.1/',
      'file:///etc/passwd',
      'https://user:password@example.com',
    ])
      expect(await refusalOf(create(administrator, { issuer: wrong }))).toMatchObject({
        code: 'bad-input',
        pointer: '/issuer',
      });
  },
  TEST_MS,
);

/** The live channel of whoever holds the token, and a promise of how it ends. */
async function openLive(token: string): Promise<{ ended: Promise<{ code: number; reason: string }> }> {
  const socket = new WebSocket(`${server.localUrl.replace('http:', 'ws:')}${PATHS.live}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const ended = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.onclose = ({ code, reason }) => resolve({ code, reason });
  });
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error('the live channel can not be opened'));
  });
  return { ended };
}

const SIGNED_OUT = { code: 1008, reason: 'not-signed-in' };

test(
  'what is open ends with the sign-in, the token or the user that it was opened with',
  async () => {
    const person = await addPerson(server, 'Wanda', 'operator');
    const [here, there, third] = [await signIn(person), await signIn(person), await signIn(person)];
    const made = await as(here, createToken, {
      body: { name: 'robot', permissions: ['fleet.read'], expiresInDays: 1 },
    });
    const sockets = {
      here: await openLive(here),
      there: await openLive(there),
      third: await openLive(third),
      token: await openLive(made.secret),
    };

    const { items } = await as(there, listLogins);
    expect(items.map(({ isCurrent }) => isCurrent).filter(Boolean)).toHaveLength(1);
    const current = items.find(({ isCurrent }) => isCurrent)!;
    expect(current).toMatchObject({ method: 'password', hasSecondFactor: false, browser: 'mender-cli' });
    await as(here, endLogin, { params: { id: current.id } });
    expect(await sockets.there.ended).toEqual(SIGNED_OUT);
    expect((await server.fetch('/api/v1/me', { headers: { authorization: `Bearer ${there}` } })).status).toBe(401);

    await as(here, deleteToken, { params: { id: made.id } });
    expect(await sockets.token.ended).toEqual(SIGNED_OUT);
    await as(here, endOtherLogins);
    expect(await sockets.third.ended).toEqual(SIGNED_OUT);
    expect((await as(here, getMe)).email).toBe(person.email);
    await server.call(deleteUser, { params: { id: person.id } });
    expect(await sockets.here.ended).toEqual(SIGNED_OUT);
  },
  TEST_MS,
);

test(
  'what is open ends when its user may do less',
  async () => {
    const person = await addPerson(server, 'Dimitri', 'operator');
    const { ended } = await openLive(await signIn(person));
    await server.call(updateUser, { params: { id: person.id }, body: { grants: [] } });
    await ended;
  },
  TEST_MS,
);

test(
  'nobody ends the sign-ins of somebody else',
  async () => {
    const [one, other] = [await addPerson(server, 'One', 'viewer'), await addPerson(server, 'Other', 'administrator')];
    const [token, others] = [await signIn(one), await signIn(other)];
    const [login] = (await as(token, listLogins)).items;
    expect(await refusalOf(as(others, endLogin, { params: { id: login!.id } }))).toMatchObject({ code: 'not-found' });
    expect((await as(token, getMe)).email).toBe(one.email);
  },
  TEST_MS,
);

/** Members of the answers that the test below looks at. */
interface Answer {
  readonly id: string;
  readonly code: string;
  readonly challengeId: string;
  readonly options: object;
  readonly items: readonly { readonly isCurrent: boolean }[];
}

testWith('chromium')(
  'a passkey signs in without typing anything, once for each challenge, until it is deleted',
  async () => {
    const person = await addPerson(server, 'Petra', 'operator');
    await using browser = await openBrowser(server.localUrl);
    const { page } = browser;
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    // A page of our origin that does nothing by itself.
    await page.route('**/blank', (route) => route.fulfill({ contentType: 'text/html', body: '<title>Blank</title>' }));
    await page.goto(`${server.localUrl}/blank`);
    const api = async (endpoint: Endpoint, body?: unknown, id = ''): Promise<{ status: number; json: Answer }> =>
      await page.evaluate(
        async ({ method, path, body }) => {
          const headers = { 'content-type': 'application/json' };
          const answer = await fetch(path, { method, headers, ...(body === null ? {} : { body }) });
          return { status: answer.status, json: (await answer.json()) as Answer };
        },
        {
          method: endpoint.method,
          path: endpoint.path.replace('{id}', id),
          body: body === undefined ? null : JSON.stringify(body),
        },
      );
    // In the page's words; the types of a browser are not known here.
    const ask = async (kind: 'create' | 'get', options: object): Promise<object> =>
      await page.evaluate(`(async () => {
        const options = ${JSON.stringify(options)};
        const credential = ${
          kind === 'create'
            ? 'await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })'
            : 'await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })'
        };
        return credential.toJSON();
      })()`);

    const { email, password } = person;
    expect((await api({ ...createPasskeyLogin, path: '/api/v1/login' }, { email, password })).status).toBe(200);
    const begun = (await api(beginPasskey)).json;
    const credential = await ask('create', begun.options);
    const body = { challengeId: begun.challengeId, name: 'Laptop', credential };
    expect((await api(createPasskey, { ...body, challengeId: crypto.randomUUID() })).status).toBe(401);
    const made = await api(createPasskey, body);
    expect(made).toMatchObject({ status: 201, json: { name: 'Laptop', lastUsedAt: null } });
    expect((await api(createPasskey, body)).status).toBe(401);

    await page.context().clearCookies();
    const login = (await api(beginPasskeyLogin)).json;
    const assertion = (await ask('get', login.options)) as { response: { signature: string; clientDataJSON: string } };
    const answer = { challengeId: login.challengeId, credential: assertion };
    expect(await api(createPasskeyLogin, answer)).toMatchObject({ status: 200, json: { email } });
    expect((await api(getMe)).json).toMatchObject({ email, mustSetUpSecondFactor: false });
    const { items } = (await api(listPasskeys)).json;
    expect(items).toMatchObject([{ id: made.json.id, lastUsedAt: expect.any(String) }]);
    const logins = (await api(listLogins)).json.items;
    expect(logins.find((one) => one.isCurrent)).toMatchObject({
      method: 'passkey',
      hasSecondFactor: true,
      browser: 'Chrome on Linux',
    });

    await page.context().clearCookies();
    // The same answer again, and the same answer for another challenge.
    expect((await api(createPasskeyLogin, answer)).status).toBe(401);
    const second = (await api(beginPasskeyLogin)).json;
    expect((await api(createPasskeyLogin, { ...answer, challengeId: second.challengeId })).status).toBe(401);
    // A copy of the key whose counter stayed behind.
    const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId });
    await devtools.send('WebAuthn.removeCredential', {
      authenticatorId,
      credentialId: credentials[0]!.credentialId,
    });
    await devtools.send('WebAuthn.addCredential', {
      authenticatorId,
      credential: { ...credentials[0]!, signCount: 0 },
    });
    const third = (await api(beginPasskeyLogin)).json;
    const copied = await ask('get', third.options);
    expect((await api(createPasskeyLogin, { challengeId: third.challengeId, credential: copied })).json.code).toBe(
      'bad-passkey',
    );

    // Deleted, it signs nobody in.
    const token = await signIn(person);
    await as(token, deletePasskey, { params: { id: made.json.id } });
    const fourth = (await api(beginPasskeyLogin)).json;
    const late = await ask('get', fourth.options);
    expect((await api(createPasskeyLogin, { challengeId: fourth.challengeId, credential: late })).json.code).toBe(
      'bad-passkey',
    );
    expect((await api(getMe)).status).toBe(401);
  },
  TEST_MS,
);

testWith('chromium')(
  'a browser signs in through a provider from the sign-in page',
  async () => {
    const id = await addProvider('viewer');
    await server.call(updateOidcProvider, { params: { id }, body: { isPublic: true, name: 'Own Company' } });
    provider.account = verified('sofia');
    await using browser = await openBrowser(server.localUrl);
    const { page } = browser;
    await page.goto(`${server.localUrl}/sign-in`);
    await page.getByRole('link', { name: /Own Company/ }).click();
    await until('it is signed in', async () => {
      const answer = await page.request.get(`${server.localUrl}/api/v1/me`);
      return answer.ok() && ((await answer.json()) as { email: string }).email === 'sofia@example.com';
    });
    expect(new URL(page.url()).pathname).toBe('/');
  },
  TEST_MS,
);
