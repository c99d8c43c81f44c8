import { afterAll, beforeAll, expect, test } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import { parsePublicKey } from '../../domain/identity.ts';
import { requestAuthSet, setAuthSetStatus } from '../../store/auth-sets.ts';
import { replaceInventories } from '../../store/devices.ts';
import { startTestApi, TEST_ORIGIN, type SignedIn, type TestApi } from '../test-api.ts';

const KERNELS = ['6.1', '6.6', '6.10', '6.12'];

let server: TestApi;
let operator: SignedIn;
/** Accepted devices with the serials A to D, and one that is pending. */
let ids: string[];
let pending: string;
beforeAll(async () => {
  server = await startTestApi();
  const tenantId = server.context.firstTenantId;
  const { database } = server.context.store;
  operator = await server.signIn(tenantId, [{ roleId: 'operator', groupIds: null }]);
  const join = async (sn: string): Promise<{ deviceId: string; id: string }> => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const key = parsePublicKey(publicKey.export({ type: 'spki', format: 'pem' }).toString());
    return (await requestAuthSet(database, tenantId, { sn }, key)).authSet;
  };
  ids = [];
  for (const [at, kernel] of KERNELS.entries()) {
    const { deviceId, id } = await join('ABCD'[at]!);
    await setAuthSetStatus(database, tenantId, deviceId, id, 'accepted');
    await replaceInventories(database, [
      { deviceId, attributes: { kernel, load: String(at * 10), ipv4: ['10.0.0.1', `10.0.0.${at + 2}`] } },
    ]);
    ids.push(deviceId);
  }
  pending = (await join('E')).deviceId;
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const ask = (method: string, path: string, body?: unknown) =>
  server.call(operator.token, method, `/api/management${path}`, body);
const search = async (body: object) => {
  const answer = await ask('POST', '/v2/inventory/filters/search', body);
  const found = (await answer.json()) as {
    id: string;
    attributes: { name: string; value: unknown; scope: string }[];
  }[];
  return {
    status: answer.status,
    total: answer.headers.get('x-total-count'),
    found,
    ids: Array.isArray(found) ? found.map(({ id }) => id) : [],
  };
};
const condition = (scope: string, attribute: string, type: string, value: unknown) => ({
  scope,
  attribute,
  type,
  value,
});
const listed = async (query: string) =>
  ((await (await ask('GET', `/v1/inventory/devices?${query}`)).json()) as { id: string }[]).map(({ id }) => id);

test('a search takes every type of condition, all of which must hold', async () => {
  const [a, b, c, d] = ids;
  const accepted = condition('identity', 'status', '$eq', 'accepted');
  const cases: [object[], (string | undefined)[]][] = [
    [[accepted], ids],
    [[condition('identity', 'status', '$eq', 'pending')], [pending]],
    [[condition('identity', 'sn', '$in', ['A', 'C', 'x'])], [a, c]],
    [
      [accepted, condition('identity', 'sn', '$nin', ['A', 'C'])],
      [b, d],
    ],
    [
      [accepted, condition('inventory', 'kernel', '$ne', '6.1')],
      [b, c, d],
    ],
    [[condition('inventory', 'load', '$gte', '20')], [c, d]],
    [[condition('inventory', 'load', '$lt', 10)], [a]],
    [[condition('inventory', 'ipv4', '$eq', '10.0.0.3')], [b]],
    [[condition('inventory', 'kernel', '$exists', false)], [pending]],
    [[condition('inventory', 'kernel', '$regex', '^6\\.1.')], [c, d]],
  ];
  for (const [filters, expected] of cases) {
    const { ids: found, total } = await search({ filters });
    expect([filters, found, total]).toEqual([filters, expected as string[], String(expected.length)]);
  }
});

test('a search is sorted, cut into pages, and tells only the attributes that were asked for', async () => {
  const sort = [{ scope: 'inventory', attribute: 'load', order: 'desc' }];
  const filters = [condition('identity', 'status', '$eq', 'accepted')];
  const attributes = [{ scope: 'inventory', attribute: 'load' }];
  const { found, total } = await search({ filters, sort, attributes, page: 2, per_page: 3 });
  expect(found).toMatchObject([{ id: ids[0], attributes: [{ name: 'load', value: '0', scope: 'inventory' }] }]);
  expect([found[0]!.attributes.length, total]).toEqual([1, '4']);
  expect((await search({ device_ids: [ids[1], 'nonsense'] })).ids).toEqual([ids[1]!]);
  expect((await search({ text: 'c' })).ids).toEqual([ids[2]!]);
});

test('a filter that can not be carried out is refused and breaks nothing', async () => {
  const wrong = [
    { filters: [condition('inventory', 'kernel', '$regex', '((')] },
    { filters: [condition('inventory', 'kernel', '$regex', '[[:nonsense:]]')] },
    { filters: [condition('inventory', 'kernel', '$like', 'x')] },
    { filters: [condition('elsewhere', 'kernel', '$eq', 'x')] },
    { filters: [condition('inventory', 'kernel', '$in', 'x')] },
    { filters: Array.from({ length: 1000 }, () => condition('inventory', 'a', '$eq', 'b')) },
    { sort: [{ scope: 'system', attribute: 'nonsense', order: 'asc' }] },
    { per_page: 100_000 },
  ];
  for (const body of wrong)
    expect([400, 422], JSON.stringify(body).slice(0, 100)).toContain((await search(body)).status);
});

test('attributes are listed with how many devices have them', async () => {
  const answer = (await (await ask('GET', '/v2/inventory/filters/attributes')).json()) as object[];
  expect(answer).toContainEqual({ name: 'kernel', scope: 'inventory', count: 4 });
  expect(answer).toContainEqual({ name: 'sn', scope: 'identity', count: 5 });
});

test('version 1 filters by attributes and sorts', async () => {
  expect(await listed('kernel=6.6')).toEqual([ids[1]!]);
  expect(await listed('identity/sn=D')).toEqual([ids[3]!]);
  expect(await listed('sort=load:desc&per_page=2')).toEqual([ids[3]!, ids[2]!]);
  expect((await ask('GET', '/v1/inventory/devices?sort=load:sideways')).status).toBe(400);
});

test('tags are kept as names with values, and changed from the version that was seen', async () => {
  const path = `/v1/inventory/devices/${ids[0]}`;
  const etag = (await ask('GET', path)).headers.get('etag')!;
  const put = (tags: object, ifMatch?: string, method: 'PUT' | 'PATCH' = 'PUT') =>
    server.api.answer(
      new Request(`${TEST_ORIGIN}/api/management${path}/tags`, {
        method,
        headers: { authorization: `Bearer ${operator.token}`, ...(ifMatch ? { 'if-match': ifMatch } : {}) },
        body: JSON.stringify(tags),
      }),
      '127.0.0.1',
    ) as Promise<Response>;
  expect(
    (
      await put(
        [
          { name: 'floor', value: '2' },
          { name: 'cellar', value: 'cellar' },
        ],
        etag,
      )
    ).status,
  ).toBe(200);
  expect((await put([], etag)).status).toBe(412);
  expect((await put([{ name: 'floor', value: '3' }], undefined, 'PATCH')).status).toBe(200);
  const { attributes } = (await (await ask('GET', path)).json()) as { attributes: { scope: string }[] };
  expect(attributes.filter(({ scope }) => scope === 'tags')).toEqual([
    { name: 'floor', value: '3', scope: 'tags' },
    { name: 'cellar', value: 'cellar', scope: 'tags' },
  ] as object[] as { scope: string }[]);
  expect((await search({ filters: [condition('tags', 'floor', '$eq', '3')] })).ids).toEqual([ids[0]!]);
  expect((await search({ filters: [condition('tags', 'cellar', '$exists', true)] })).ids).toEqual([ids[0]!]);
  expect((await put([{ name: 'a=b', value: 'c' }])).status).toBe(400);
});

test('a device is put into one group at a time, and groups are made when they are named', async () => {
  const [a, b] = ids;
  const groupOf = async (id: string | undefined) =>
    ((await (await ask('GET', `/v1/inventory/devices/${id}/group`)).json()) as { group: string | null }).group;
  expect((await ask('PUT', `/v1/inventory/devices/${a}/group`, { group: 'north' })).status).toBe(204);
  expect(await (await ask('PATCH', '/v1/inventory/groups/south/devices', [a, b, crypto.randomUUID()])).json()).toEqual({
    updated_count: 2,
    matched_count: 2,
  });
  expect([await groupOf(a), await groupOf(b), await groupOf(ids[2])]).toEqual(['south', 'south', null]);
  expect(await (await ask('GET', '/v1/inventory/groups')).json()).toEqual(['north', 'south']);
  expect(await (await ask('GET', '/v1/inventory/groups/south/devices')).json()).toEqual([a, b]);
  expect(await listed('group=south')).toEqual([a!, b!]);
  expect(await listed('has_group=false')).toEqual([ids[2]!, ids[3]!]);
  expect((await ask('DELETE', `/v1/inventory/devices/${a}/group/north`)).status).toBe(404);
  expect((await ask('DELETE', `/v1/inventory/devices/${a}/group/south`)).status).toBe(204);
  expect(await (await ask('DELETE', '/v1/inventory/groups/south')).json()).toEqual({ updated_count: 1 });
  expect([await groupOf(a), await groupOf(b)]).toEqual([null, null]);
});

test('who only looks changes nothing', async () => {
  const viewer = await server.signIn(server.context.firstTenantId, [{ roleId: 'viewer', groupIds: null }]);
  const as = (method: string, path: string, body?: unknown) =>
    server.call(viewer.token, method, `/api/management${path}`, body);
  expect((await as('PUT', `/v1/inventory/devices/${ids[0]}/tags`, [])).status).toBe(403);
  expect((await as('PUT', `/v1/inventory/devices/${ids[0]}/group`, { group: 'x' })).status).toBe(403);
  expect((await as('DELETE', `/v1/inventory/devices/${ids[0]}`)).status).toBe(403);
});

test('a forgotten inventory is empty until the device reports again', async () => {
  expect((await ask('DELETE', `/v1/inventory/devices/${ids[3]}`)).status).toBe(204);
  expect((await search({ filters: [condition('inventory', 'kernel', '$exists', true)] })).ids).not.toContain(ids[3]!);
});

test('a list is neither sorted nor filtered by any number of attributes', async () => {
  const names = Array.from({ length: 30 }, (_, at) => `a${at}`);
  expect((await ask('GET', `/v1/inventory/devices?sort=${names.join()}`)).status).toBe(400);
  expect((await ask('GET', `/v1/inventory/devices?${names.map((name) => `${name}=1`).join('&')}`)).status).toBe(400);
});
