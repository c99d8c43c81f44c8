import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { DeviceFilter, Grant, Group } from '@lovely/api';
import { generateFleet } from '../store/generated-fleet.ts';
import { startTestApi, type SignedIn, type TestApi } from './test-api.ts';

const DEVICES = 40;

let api: TestApi;
let tenantId: string;
let ids: string[];
let strangerId: string;
let administrator: SignedIn;
beforeAll(async () => {
  api = await startTestApi();
  tenantId = api.context.firstTenantId;
  const { database } = api.context.store;
  await generateFleet(database, tenantId, DEVICES);
  ids = await idsOf(tenantId);
  const other = await api.makeTenant('Other');
  await generateFleet(database, other, 1);
  [strangerId] = (await idsOf(other)) as [string];
  administrator = await api.signIn(tenantId, [{ roleId: 'administrator', groupIds: null }]);
}, 60_000);
afterAll(() => api[Symbol.asyncDispose]());

async function idsOf(ofTenant: string): Promise<string[]> {
  const { database } = api.context.store;
  const rows = await database
    .selectFrom('devices')
    .select('id')
    .where('tenant_id', '=', ofTenant)
    .orderBy('created_at')
    .execute();
  return rows.map((row) => row.id);
}

interface Answer<T> {
  status: number;
  body: T & { code?: string; detail?: string };
}
async function ask<T = object>(who: SignedIn, method: string, path: string, body?: unknown): Promise<Answer<T>> {
  const answer = await api.call(who.token, method, `/api/v1${path}`, body);
  return { status: answer.status, body: (answer.status === 204 ? {} : await answer.json()) as Answer<T>['body'] };
}
async function makeGroup(filter: DeviceFilter | null = null, devices: readonly string[] = []): Promise<Group> {
  const { body } = await ask<Group>(administrator, 'POST', '/groups', { name: randomUUID(), filter });
  if (devices.length > 0) await ask(administrator, 'POST', `/groups/${body.id}/devices`, { deviceIds: devices });
  return body;
}
async function makeRole(...permissions: string[]): Promise<string> {
  const { body } = await ask<{ id: string }>(administrator, 'POST', '/roles', { name: randomUUID(), permissions });
  return body.id;
}
const tagged = (tag: string): DeviceFilter => ({
  all: [{ scope: 'tags', attribute: tag, type: '$exists', value: true }],
});
const anywhere = (roleId: string): Grant => ({ roleId, groupIds: null });
const within = (roleId: string, ...groups: Group[]): Grant => ({ roleId, groupIds: groups.map(({ id }) => id) });
const devicesOf = async (who: SignedIn, query = ''): Promise<string[]> => {
  const { body } = await ask<{ items: { id: string }[] }>(who, 'GET', `/devices?limit=500${query}`);
  return body.items.map(({ id }) => id).sort();
};

describe('a static group', () => {
  test('takes devices once, however often and by how many at a time they are put there', async () => {
    const group = await makeGroup();
    const add = (deviceIds: string[]) =>
      ask<Group>(administrator, 'POST', `/groups/${group.id}/devices`, { deviceIds });
    const answers = await Promise.all([
      add(ids.slice(0, 5)),
      add(ids.slice(3, 8)),
      add([...ids.slice(0, 2), ids[0]!.toUpperCase()]),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await ask<Group>(administrator, 'GET', `/groups/${group.id}`)).body.devices).toBe(8);
    expect(await devicesOf(administrator, `&group=${group.id}`)).toEqual(ids.slice(0, 8).sort());
    const { body } = await ask<Group>(administrator, 'POST', `/groups/${group.id}/devices/remove`, {
      deviceIds: [ids[0]!, ids[9]!],
    });
    expect(body.devices).toBe(7);
  });

  test('takes none of a request that names a device of another tenant, and says what it says of one that is not there', async () => {
    const group = await makeGroup();
    for (const unknown of [strangerId, randomUUID()])
      for (const path of ['devices', 'devices/remove']) {
        const { status, body } = await ask(administrator, 'POST', `/groups/${group.id}/${path}`, {
          deviceIds: [ids[0], unknown],
        });
        expect([status, body.code]).toEqual([404, 'not-found']);
      }
    expect((await ask<Group>(administrator, 'GET', `/groups/${group.id}`)).body.devices).toBe(0);
  });

  test('has no filter, and a dynamic one takes no devices', async () => {
    const [fixed, dynamic] = [await makeGroup(), await makeGroup(tagged('tag-1'))];
    expect((await ask(administrator, 'PATCH', `/groups/${fixed.id}`, { filter: tagged('x') })).body.code).toBe(
      'bad-input',
    );
    expect((await ask(administrator, 'POST', `/groups/${dynamic.id}/devices`, { deviceIds: [ids[0]] })).body.code).toBe(
      'bad-input',
    );
  });
});

describe('a dynamic group', () => {
  test('holds what passes its filter, at any moment', async () => {
    const tag = randomUUID();
    const group = await makeGroup(tagged(tag));
    const count = async () => (await ask<Group>(administrator, 'GET', `/groups/${group.id}`)).body.devices;
    expect(await count()).toBe(0);
    await ask(administrator, 'PATCH', `/devices/${ids[0]}`, { tags: [tag] });
    expect(await count()).toBe(1);
    expect(await devicesOf(administrator, `&group=${group.id}`)).toEqual([ids[0]!]);
    const { body } = await ask<{ items: Group[] }>(administrator, 'GET', `/groups?deviceId=${ids[0]}`);
    expect(body.items.map(({ id }) => id)).toContain(group.id);
    expect((await ask(administrator, 'GET', `/groups?deviceId=${strangerId}`)).status).toBe(404);
    await ask(administrator, 'PATCH', `/devices/${ids[0]}`, { tags: [] });
    expect(await count()).toBe(0);
  });

  test('is not saved with a filter that PostgreSQL refuses or that names groups', async () => {
    const refused: [DeviceFilter['all'][number], RegExp][] = [
      [{ scope: 'inventory', attribute: 'kernel', type: '$regex', value: '(?<name>x)' }, /regular expression/],
      [{ scope: 'inventory', attribute: 'kernel', type: '$regex', value: '(' }, /regular expression/],
      [{ scope: 'system', attribute: 'group', type: '$eq', value: 'x' }, /not made of groups/],
      [{ scope: 'system', attribute: 'nothing', type: '$eq', value: 'x' }, /has no "nothing"/],
      [{ scope: 'tags', attribute: 'x', type: '$in', value: 'x' }, /list/],
      [{ scope: 'tags', attribute: 'x', type: '$eq', value: ['x'] }, /one value/],
      [{ scope: 'tags', attribute: 'x', type: '$exists', value: 'no' }, /true or false/],
    ];
    for (const [condition, reason] of refused)
      for (const path of ['/groups', '/device-filters/preview']) {
        const { status, body } = await ask(administrator, 'POST', path, {
          name: randomUUID(),
          filter: { all: [condition] },
        });
        expect([condition.value, status, body.code]).toEqual([condition.value, 422, 'bad-input']);
        expect(body.detail).toMatch(reason);
      }
  });
});

test('a name is taken once, whatever its case, and a change from an old version is refused', async () => {
  const group = await makeGroup();
  const { body, status } = await ask(administrator, 'POST', '/groups', { name: group.name.toUpperCase() });
  expect([status, body.code]).toEqual([409, 'name-taken']);
  const patch = (version: number) =>
    fetchWithMatch('PATCH', `/groups/${group.id}`, version, { description: 'changed' });
  expect((await patch(1)).status).toBe(200);
  expect((await patch(1)).status).toBe(412);
  expect((await fetchWithMatch('DELETE', `/groups/${group.id}`, 1)).status).toBe(412);
  expect((await fetchWithMatch('DELETE', `/groups/${group.id}`, 2)).status).toBe(204);
});

async function fetchWithMatch(method: string, path: string, version: number, body?: unknown): Promise<Response> {
  const request = new Request(`https://lovely.example.com/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${administrator.token}`,
      'if-match': `"${version}"`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await api.api.answer(request, '127.0.0.1')) as Response;
}

test('a deleted group leaves who was limited to it with nothing there, never with everything', async () => {
  const group = await makeGroup(null, ids.slice(0, 3));
  const viewer = await api.signIn(tenantId, [within('viewer', group)]);
  expect(await devicesOf(viewer)).toHaveLength(3);
  await ask(administrator, 'DELETE', `/groups/${group.id}`);
  expect(await devicesOf(viewer)).toEqual([]);
});

test('who sees some houses is told of their groups only, with the houses that they see', async () => {
  const [mine, theirs] = [await makeGroup(null, ids.slice(0, 3)), await makeGroup(null, ids.slice(2, 6))];
  const viewer = await api.signIn(tenantId, [within('viewer', mine)]);
  const { body } = await ask<{ items: Group[] }>(viewer, 'GET', '/groups');
  expect(body.items.map(({ id, devices }) => [id, devices])).toEqual([[mine.id, 3]]);
  expect((await ask(viewer, 'GET', `/groups/${theirs.id}`)).status).toBe(404);
  expect((await ask(viewer, 'GET', `/devices?group=${theirs.id}`)).status).toBe(404);
  const writer = await api.signIn(tenantId, [within('viewer', mine), anywhere(await makeRole('group.write'))]);
  expect((await ask<Group>(writer, 'GET', `/groups/${theirs.id}`)).body.devices).toBe(1);
});

describe('nobody widens by a group', () => {
  test('what they may see: they add only houses that they see, and write no filter of a group that gives somebody something', async () => {
    const mine = await makeGroup(null, ids.slice(0, 3));
    const filtered = await makeGroup(tagged('tag-3'));
    const free = await makeGroup();
    const limited = await api.signIn(tenantId, [
      within('viewer', mine, filtered),
      anywhere(await makeRole('group.write')),
    ]);
    const seen = await devicesOf(limited);
    const unseen = ids.find((id) => !seen.includes(id))!;
    for (const group of [mine, free])
      expect((await ask(limited, 'POST', `/groups/${group.id}/devices`, { deviceIds: [unseen] })).status).toBe(404);
    expect((await ask(limited, 'POST', `/groups/${mine.id}/devices/remove`, { deviceIds: [unseen] })).status).toBe(404);
    expect((await ask(limited, 'PATCH', `/groups/${filtered.id}`, { filter: tagged('tag-4') })).status).toBe(403);
    expect((await ask(limited, 'POST', `/groups/${free.id}/devices`, { deviceIds: seen })).status).toBe(200);
    expect(await devicesOf(limited)).toEqual(seen);
    expect((await ask<Group>(limited, 'POST', '/groups', { name: randomUUID(), filter: tagged('tag-4') })).status).toBe(
      201,
    );
    expect((await ask(limited, 'PATCH', `/groups/${filtered.id}`, { description: 'words' })).status).toBe(200);
  });

  test('what they or others may do: a group of people with terminals is filled by those who have them there', async () => {
    const given = await makeGroup(null, ids.slice(0, 2));
    await api.signIn(tenantId, [within('terminal', given)]);
    const operator = await api.signIn(tenantId, [anywhere('operator')]);
    const add = (who: SignedIn, id: string) => ask(who, 'POST', `/groups/${given.id}/devices`, { deviceIds: [id] });
    expect((await add(operator, ids[5]!)).body.code).toBe('not-allowed');
    const other = await makeGroup(null, [ids[6]!]);
    const both = await api.signIn(tenantId, [anywhere('operator'), within('terminal', other)]);
    expect((await add(both, ids[5]!)).status).toBe(403);
    expect((await add(both, ids[6]!)).status).toBe(200);
    expect((await add(administrator, ids[5]!)).status).toBe(200);
    // Who has a terminal in the very group doesn't get one elsewhere by it.
    const inside = await api.signIn(tenantId, [anywhere('operator'), within('terminal', given)]);
    expect((await add(inside, ids[7]!)).status).toBe(403);
  });

  test('by a tag either, where a filter would take the house into such a group', async () => {
    const tag = randomUUID();
    const group = await makeGroup(tagged(tag));
    const operator = await api.signIn(tenantId, [anywhere('operator'), within('terminal', group)]);
    const { status, body } = await ask(operator, 'PATCH', `/devices/${ids[8]}`, { tags: [tag] });
    expect([status, body.code]).toEqual([403, 'not-allowed']);
    expect(await devicesOf(administrator, `&group=${group.id}`)).toEqual([]);
    expect((await ask(administrator, 'PATCH', `/devices/${ids[8]}`, { tags: [tag] })).status).toBe(200);
    // It is there already, and may be renamed by them and taken out again.
    expect((await ask(operator, 'PATCH', `/devices/${ids[8]}`, { name: 'Lake House' })).status).toBe(200);
    expect((await ask(operator, 'PATCH', `/devices/${ids[8]}`, { tags: [] })).status).toBe(200);
  });

  test('that somebody is invited to', async () => {
    const group = await makeGroup();
    await api.context.store.database
      .insertInto('invitations')
      .values({
        id: randomUUID(),
        tenant_id: tenantId,
        email: `${randomUUID()}@example.com`,
        grants: JSON.stringify([anywhere('viewer'), within('terminal', group)]),
        code_hash: Buffer.from(randomUUID()),
        invited_by: null,
        invited_by_name: '',
        expires_at: new Date(Date.now() + 3600_000),
      })
      .execute();
    const operator = await api.signIn(tenantId, [anywhere('operator')]);
    expect((await ask(operator, 'POST', `/groups/${group.id}/devices`, { deviceIds: [ids[0]] })).status).toBe(403);
  });
});

test('a preview counts and shows what the caller sees, and attributes are those of what the caller sees', async () => {
  const mine = await makeGroup(null, ids.slice(0, 10));
  const viewer = await api.signIn(tenantId, [within('viewer', mine)]);
  const filter: DeviceFilter = { all: [{ scope: 'inventory', attribute: 'kernel', type: '$regex', value: '^6[.]' }] };
  const preview = async (who: SignedIn) =>
    (await ask<{ devices: number; sample: { id: string }[] }>(who, 'POST', '/device-filters/preview', { filter })).body;
  expect((await preview(administrator)).devices).toBe(DEVICES);
  expect((await preview(viewer)).devices).toBe(10);
  expect((await preview(viewer)).sample.every(({ id }) => ids.slice(0, 10).includes(id))).toBe(true);
  const { body } = await ask<{ items: { scope: string; attribute: string; devices: number; values: string[] }[] }>(
    viewer,
    'GET',
    '/device-filters/attributes',
  );
  const of = (scope: string, attribute: string) =>
    body.items.find((item) => item.scope === scope && item.attribute === attribute);
  expect(of('inventory', 'device_type')).toMatchObject({ devices: 10, values: ['gateway'] });
  expect(of('inventory', 'kernel')!.values).toHaveLength(7);
  expect(of('identity', 'sn')!.values).toHaveLength(10);
  expect(of('identity', 'status')!.values).toContain('accepted');
});
