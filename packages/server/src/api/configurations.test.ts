/** Who may set what on which houses and groups, and what comes of input that means harm. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { Configuration, ConfigurationSchema, Group, GroupConfiguration } from '@lovely/api';
import { generateFleet } from '../store/generated-fleet.ts';
import { startTestApi, TEST_ORIGIN, type SignedIn, type TestApi } from './test-api.ts';

let api: TestApi;
let tenantId: string;
let ids: string[];
let strangerId: string;
let administrator: SignedIn;
beforeAll(async () => {
  api = await startTestApi();
  tenantId = api.context.firstTenantId;
  const { database } = api.context.store;
  const idsOf = async (tenant: string): Promise<string[]> => {
    await generateFleet(database, tenant, 4);
    const rows = await database.selectFrom('devices').select('id').where('tenant_id', '=', tenant).execute();
    return rows.map(({ id }) => id);
  };
  ids = await idsOf(tenantId);
  [strangerId] = (await idsOf(await api.makeTenant('Other'))) as [string, ...string[]];
  administrator = await api.signIn(tenantId, [{ roleId: 'administrator', groupIds: null }]);
}, 60_000);
afterAll(() => api[Symbol.asyncDispose]());

async function ask<T = object>(who: SignedIn, method: string, path: string, body?: unknown) {
  const answer = await api.call(who.token, method, `/api/v1${path}`, body);
  const json = (answer.status === 204 ? {} : await answer.json()) as T & {
    code?: string;
    errors?: { pointer: string }[];
  };
  return { status: answer.status, body: json };
}
/** As it is written, and with the version that it was made from. */
async function put(id: string, body: string, version?: number): Promise<Response> {
  const request = new Request(`${TEST_ORIGIN}/api/v1${ofHouse(id)}`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${administrator.token}`,
      'content-type': 'application/json',
      ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
    },
    body,
  });
  return (await api.api.answer(request, '127.0.0.1')) as Response;
}
const ofHouse = (id: string): string => `/devices/${id}/configuration`;
const ofGroup = (id: string): string => `/groups/${id}/configuration`;
const makeGroup = async (devices: readonly string[] = []): Promise<Group> => {
  const { body } = await ask<Group>(administrator, 'POST', '/groups', { name: randomUUID() });
  if (devices.length > 0) await ask(administrator, 'POST', `/groups/${body.id}/devices`, { deviceIds: devices });
  return body;
};

test('who may set configuration in one group sets it on its houses and the group, and nowhere else', async () => {
  const [mine, other] = ids as [string, string];
  const group = await makeGroup([mine]);
  const wide = await makeGroup([mine, other]);
  const { body: role } = await ask<{ id: string }>(administrator, 'POST', '/roles', {
    name: randomUUID(),
    permissions: ['fleet.read', 'configuration.write'],
  });
  const somebody = await api.signIn(tenantId, [{ roleId: role.id, groupIds: [group.id] }]);
  const values = { a: 1 };
  expect((await ask(somebody, 'PUT', ofHouse(mine), { values })).status).toBe(200);
  expect((await ask(somebody, 'GET', ofHouse(mine))).status).toBe(200);
  for (const id of [other, strangerId, randomUUID()])
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['GET', '/form', undefined],
      ['GET', '/versions', undefined],
      ['PUT', '', { values }],
      ['POST', '/retry', {}],
      ['POST', '/revert', { version: 0 }],
    ] as const)
      expect([method, path, (await ask(somebody, method, ofHouse(id) + path, body)).status]).toEqual([
        method,
        path,
        404,
      ]);
  expect((await ask(somebody, 'PUT', ofGroup(group.id), { values })).status).toBe(200);
  // What a group sets whose houses are not theirs is nothing of theirs, and neither is whether there is such a group.
  await ask(administrator, 'PUT', ofGroup(wide.id), { values: { secret: 'of others' } });
  for (const id of [wide.id, randomUUID()])
    for (const [method, path, body] of [
      ['GET', ofGroup(id), undefined],
      ['GET', `${ofGroup(id)}/form`, undefined],
      ['GET', `${ofGroup(id)}/versions`, undefined],
      ['PUT', ofGroup(id), { values }],
      ['POST', `${ofGroup(id)}/revert`, { version: 0 }],
      ['GET', `/configurations?groupId=${id}`, undefined],
      ['GET', `/software/versions?key=artifact_name&groupId=${id}`, undefined],
      ['GET', `/software/devices?key=artifact_name&groupId=${id}`, undefined],
    ] as const)
      expect([method, path, (await ask(somebody, method, path, body)).body.code]).toEqual([method, path, 'not-found']);
  const list = await ask<{ items: { deviceId: string }[] }>(somebody, 'GET', '/configurations');
  expect(list.body.items.map(({ deviceId }) => deviceId)).toEqual([mine]);
  expect((await ask(somebody, 'POST', '/configuration-schemas', { key: 'x', title: 'X' })).status).toBe(403);
}, 30_000);

test('who may only fill groups brings no house into one that sets something, by hand or by its filter', async () => {
  const { body: role } = await ask<{ id: string }>(administrator, 'POST', '/roles', {
    name: randomUUID(),
    permissions: ['fleet.read', 'group.write', 'device.write'],
  });
  const filler = await api.signIn(tenantId, [{ roleId: role.id, groupIds: null }]);
  const group = await makeGroup();
  const add = async () => (await ask(filler, 'POST', `/groups/${group.id}/devices`, { deviceIds: [ids[0]] })).status;
  await ask(administrator, 'PUT', ofGroup(group.id), { values: { a: 1 } });
  expect(await add()).toBe(403);
  await ask(administrator, 'PUT', ofGroup(group.id), { values: {} });
  expect(await add()).toBe(200);
  const filter = { all: [{ scope: 'tags', attribute: 'pilot', type: '$exists', value: true }] };
  const { body: dynamic } = await ask<Group>(administrator, 'POST', '/groups', { name: randomUUID(), filter });
  await ask(administrator, 'PUT', ofGroup(dynamic.id), { values: { a: 1 } });
  expect((await ask(filler, 'PATCH', `/devices/${ids[0]}`, { tags: ['pilot'] })).status).toBe(403);
  expect((await ask(filler, 'PATCH', `/devices/${ids[0]}`, { tags: ['other'] })).status).toBe(200);
}, 30_000);

test.each([
  ['a key that is none', { 'a b': 1 }],
  ['an empty key', { '': 1 }],
  ['a key that is too long', { [`a${'b'.repeat(128)}`]: 1 }],
  ['a text with U+0000', { a: 'x\0y' }],
  ['a text that is too long', { a: 'x'.repeat(513) }],
  ['something else than a value', { a: { b: 1 } }],
  ['null', { a: null }],
  ['too many keys', Object.fromEntries(Array.from({ length: 257 }, (_, at) => [`k${at}`, 1]))],
  [
    'more than fits into one message',
    Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`k${at}`, 'x'.repeat(500)])),
  ],
])(
  '%s is refused, and nothing changes',
  async (_, values) => {
    const id = ids[2]!;
    expect((await ask(administrator, 'PUT', ofHouse(id), { values })).status).toBe(422);
    const group = await makeGroup();
    expect((await ask(administrator, 'PUT', ofGroup(group.id), { values })).status).toBe(422);
    expect((await ask<Configuration>(administrator, 'GET', ofHouse(id))).body).toMatchObject({ version: 0, own: {} });
  },
  30_000,
);

test('names that mean something to JavaScript are keys like others, and __proto__ is none', async () => {
  const id = ids[2]!;
  const answer = await put(
    id,
    '{"values": {"__proto__": {"a": 1}, "constructor": 2, "toString": "x", "sensor/__proto__/a": 3}}',
  );
  const { own, entries } = (await answer.json()) as Configuration;
  expect(own).toEqual({ constructor: 2, toString: 'x', 'sensor/__proto__/a': 3 } as never);
  expect(entries.find(({ key }) => key === 'constructor')).toMatchObject({ desired: 2, origin: 'house' });
  await ask(administrator, 'PUT', ofHouse(id), { values: {} });
}, 30_000);

test('two who change a house from the same version do not overwrite each other', async () => {
  const id = ids[3]!;
  const answers = await Promise.all([1, 2].map((a) => put(id, JSON.stringify({ values: { a } }), 0)));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
}, 30_000);

test('a schema refuses what it does not know, comes back as it was, and what comes with the system can’t be deleted', async () => {
  const schema = {
    key: 'hub',
    title: 'Hub',
    of: { kind: 'gateway', deviceTypes: [] },
    fields: [{ key: 'port', title: 'Port', type: 'integer', min: 1, max: 65535 }],
  };
  expect((await ask(administrator, 'POST', '/configuration-schemas', schema)).status).toBe(201);
  expect((await ask(administrator, 'POST', '/configuration-schemas', schema)).body.code).toBe('name-taken');
  const wrong = await ask(administrator, 'PUT', ofHouse(ids[0]!), { values: { port: 0, other: 1 } });
  expect(wrong.body.errors?.map(({ pointer }) => pointer)).toEqual(['/values/port', '/values/other']);
  const group = await makeGroup();
  const values = { port: 70_000 };
  expect((await ask<GroupConfiguration>(administrator, 'PUT', ofGroup(group.id), { values })).status).toBe(422);
  const path = '/configuration-schemas/client';
  const { body: client } = await ask<ConfigurationSchema>(administrator, 'GET', path);
  const { title, of, fields, takesUnknown } = client;
  const change = await ask(administrator, 'PUT', path, { title, of, fields: fields.slice(1), takesUnknown });
  expect(change.body).toMatchObject({ version: 1, edited: true });
  expect((await ask(administrator, 'DELETE', path)).body.code).toBe('schema-built-in');
  expect((await ask(administrator, 'POST', `${path}/reset`)).body).toMatchObject({ version: 2, edited: false, fields });
  expect((await ask(administrator, 'DELETE', '/configuration-schemas/hub')).status).toBe(204);
}, 30_000);
