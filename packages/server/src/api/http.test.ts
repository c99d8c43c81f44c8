/** What every route of the API does alike: entity tags, repeated posts, limits, and requests that bring a cookie. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { requestAuthSet } from '../store/auth-sets.ts';
import { parsePublicKey } from '../domain/identity.ts';
import { REQUESTS_OF_STRANGERS } from '../limits.ts';
import { loginCookie } from './guard.ts';
import { startTestApi, TEST_ORIGIN, type SignedIn, type TestApi } from './test-api.ts';

let server: TestApi;
let tenantId: string;
let ada: SignedIn;
beforeAll(async () => {
  server = await startTestApi();
  tenantId = server.context.firstTenantId;
  ada = await server.signIn(tenantId, [{ roleId: 'administrator', groupIds: null }]);
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly as?: SignedIn | null;
  readonly address?: string;
}

async function send(path: string, { method = 'GET', headers = {}, body, as = ada, address = '192.0.2.1' }: Sent = {}) {
  const request = new Request(`${TEST_ORIGIN}/api${path}`, {
    method,
    headers: {
      ...(as ? { authorization: `Bearer ${as.token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await server.api.answer(request, address)) as Response;
}

async function joined(): Promise<string> {
  const { publicKey } = generateKeyPairSync('ed25519');
  const key = parsePublicKey(publicKey.export({ type: 'spki', format: 'pem' }).toString());
  const { authSet } = await requestAuthSet(server.context.store.database, tenantId, { sn: randomUUID() }, key);
  return authSet.deviceId;
}

describe('an object with a version', () => {
  let path: string;
  beforeEach(async () => {
    path = `/v1/devices/${await joined()}`;
  });

  test('is not sent again to who has it, and is as soon as anything in it changes', async () => {
    const tag = (await send(path)).headers.get('etag')!;
    const known = await send(path, { headers: { 'if-none-match': tag } });
    expect([known.status, await known.text(), known.headers.get('etag')]).toEqual([304, '', tag]);
    const id = path.split('/').at(-1)!;
    await server.context.store.database
      .updateTable('devices')
      .set({ health: 'critical' })
      .where('id', '=', id)
      .execute();
    expect((await send(path, { headers: { 'if-none-match': tag } })).status).toBe(200);
  });

  test('is changed by one of two who have seen the same', async () => {
    const { version } = (await (await send(path)).json()) as { version: number };
    const rename = (name: string) =>
      send(path, { method: 'PATCH', body: { name }, headers: { 'if-match': `"${version}"` } });
    const answers = await Promise.all(['Haus A', 'Haus B'].map(rename));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
    const deletion = await send(path, { method: 'DELETE', headers: { 'if-match': `"${version}"` } });
    expect([deletion.status, ((await deletion.json()) as { code: string }).code]).toEqual([412, 'changed-meanwhile']);
    expect((await send(path, { method: 'DELETE', headers: { 'if-match': `"${version + 1}"` } })).status).toBe(204);
  });

  test('a precondition is refused where nothing could hold it', async () => {
    const answer = await send('/v1/groups', {
      method: 'POST',
      body: { name: randomUUID(), filter: null },
      headers: { 'if-match': '"1"' },
    });
    expect(answer.status).toBe(400);
  });
});

describe('a post with an idempotency key', () => {
  const create = (key: string, name: string, as = ada) =>
    send('/v1/groups', { method: 'POST', body: { name, filter: null }, headers: { 'idempotency-key': key }, as });
  const groups = async (name: string): Promise<number> =>
    ((await (await send('/v1/groups')).json()) as { items: { name: string }[] }).items.filter(
      (one) => one.name === name,
    ).length;
  const audited = async (name: string): Promise<number> => {
    const entries = await server.context.store.database.selectFrom('audit_entries').select('object').execute();
    return entries.filter(({ object }) => object.name === name).length;
  };

  test('is carried out once, however often it comes, and answered the same', async () => {
    const [key, name] = [randomUUID(), randomUUID()];
    const answers = [await create(key, name), await create(key, name), await create(`"${key}"`, name)];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    expect(new Set(texts).size).toBe(1);
    expect([await groups(name), await audited(name)]).toEqual([1, 1]);
  });

  test('is carried out once when it comes twice at the same time', async () => {
    const [key, name] = [randomUUID(), randomUUID()];
    const answers = await Promise.all([1, 2, 3, 4].map(() => create(key, name)));
    for (const { status } of answers) expect([201, 409]).toContain(status);
    expect(answers.some(({ status }) => status === 201)).toBe(true);
    expect((await create(key, name)).status).toBe(201);
    expect(await groups(name)).toBe(1);
  });

  test('is refused when the key belongs to another request, and not when to another person', async () => {
    const key = randomUUID();
    expect((await create(key, randomUUID())).status).toBe(201);
    const other = await create(key, randomUUID());
    expect([other.status, ((await other.json()) as { code: string }).code]).toEqual([422, 'idempotency-key-reused']);
    const grace = await server.signIn(tenantId, [{ roleId: 'administrator', groupIds: null }]);
    expect((await create(key, randomUUID(), grace)).status).toBe(201);
  });

  test('that failed may be sent again', async () => {
    const [key, name] = [randomUUID(), randomUUID()];
    await create(randomUUID(), name);
    expect((await create(key, name)).status).toBe(409);
    const id = ((await (await send('/v1/groups')).json()) as { items: { id: string; name: string }[] }).items.find(
      (one) => one.name === name,
    )!.id;
    await send(`/v1/groups/${id}`, { method: 'DELETE' });
    expect((await create(key, name)).status).toBe(201);
  });

  test('keeps its answer sealed, with what is shown once in it', async () => {
    const key = randomUUID();
    const make = () =>
      send('/v1/join-codes', {
        method: 'POST',
        body: { name: 'installers', expiresInMinutes: 5 },
        headers: { 'idempotency-key': key },
      });
    const { code } = (await (await make()).json()) as { code: string };
    expect(await (await make()).json()).toMatchObject({ code });
    const { kept } = await server.context.store.database
      .selectFrom('idempotency_keys')
      .select('sealed_answer as kept')
      .where('key', '=', key)
      .executeTakeFirstOrThrow();
    expect([kept.includes(code), Buffer.from(kept.split('.')[1]!, 'base64url').includes(code)]).toEqual([false, false]);
  });

  test('needs a key that can be one', async () => {
    for (const key of ['', ' ', 'a b', 'ü', 'a'.repeat(256)])
      expect((await create(key, randomUUID())).status, key).toBe(400);
  });
});

describe('a request with the cookie', () => {
  const withCookie = (method: string, headers: Record<string, string>) => {
    const { name } = loginCookie(new Request(TEST_ORIGIN));
    return send('/v1/groups', {
      method,
      as: null,
      headers: { cookie: `${name}=${ada.token}`, ...headers },
      ...(method === 'POST' ? { body: { name: randomUUID(), filter: null } } : {}),
    });
  };

  test('changes something only when a page of ours made it', async () => {
    expect((await withCookie('POST', { origin: TEST_ORIGIN })).status).toBe(201);
    expect((await withCookie('POST', { 'sec-fetch-site': 'same-origin' })).status).toBe(201);
    const others: Record<string, string>[] = [
      {},
      { origin: 'https://evil.example.net' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
    ];
    for (const headers of others) expect((await withCookie('POST', headers)).status, JSON.stringify(headers)).toBe(403);
  });

  test('reads without one, and not for another site', async () => {
    expect((await withCookie('GET', {})).status).toBe(200);
    expect((await withCookie('GET', { origin: 'https://evil.example.net' })).status).toBe(403);
  });
});

test('strangers who flood are told to wait, while people are answered, from the same address too', async () => {
  const address = '198.51.100.7';
  await send('/v1/setup', { address });
  const known = await send('/v1/fleet', { address });
  expect(known.headers.get('ratelimit')).toMatch(/^"person";r=\d+;t=\d+$/);
  const flood: number[] = [];
  for (let at = 0; at < REQUESTS_OF_STRANGERS.burst + 200; at++)
    flood.push((await send('/v1/fleet', { as: { ...ada, token: `made-up-${at}` }, address })).status);
  expect([flood[0], flood.includes(429)]).toEqual([401, true]);
  const refused = await send('/v1/setup', { address, as: null });
  expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('ratelimit')]).toEqual([
    429,
    '1',
    expect.stringMatching(/^"address";r=0;/),
  ]);
  expect((await send('/v1/fleet', { address })).status).toBe(200);
  expect((await send('/v1/setup', { address: '198.51.100.8', as: null })).status).toBe(200);
});
