import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { BUILT_IN_ROLES, PERMISSION_NAMES, type Grant, type Role } from '@lovely/api';
import { generateFleet } from '../store/generated-fleet.ts';
import { startTestApi, type SignedIn, type TestApi } from './test-api.ts';

let api: TestApi;
let tenantId: string;
let administrator: SignedIn;
beforeAll(async () => {
  api = await startTestApi();
  tenantId = api.context.firstTenantId;
  await generateFleet(api.context.store.database, tenantId, 4);
  administrator = await api.signIn(tenantId, [anywhere('administrator')]);
}, 60_000);
afterAll(() => api[Symbol.asyncDispose]());

const anywhere = (roleId: string): Grant => ({ roleId, groupIds: null });

interface Answer<T> {
  status: number;
  body: T & { code?: string };
}
async function ask<T = object>(who: SignedIn, method: string, path: string, body?: unknown): Promise<Answer<T>> {
  const answer = await api.call(who.token, method, `/api/v1${path}`, body);
  return { status: answer.status, body: (answer.status === 204 ? {} : await answer.json()) as Answer<T>['body'] };
}
async function makeRole(...permissions: string[]): Promise<Role> {
  return (await ask<Role>(administrator, 'POST', '/roles', { name: randomUUID(), permissions })).body;
}
async function rolesOf(who: SignedIn): Promise<Role[]> {
  return (await ask<{ items: Role[] }>(who, 'GET', '/roles')).body.items;
}

test('the built-in roles come first, then the own ones by name, each with how many have it', async () => {
  const made = await makeRole('device.write', 'fleet.read', 'fleet.read');
  expect(made).toMatchObject({ permissions: ['fleet.read', 'device.write'], builtIn: false, users: 0, version: 1 });
  await api.signIn(tenantId, [anywhere(made.id), anywhere('viewer')]);
  const roles = await rolesOf(administrator);
  expect(roles.slice(0, 6).map(({ id }) => id)).toEqual(Object.keys(BUILT_IN_ROLES));
  expect(roles.find(({ id }) => id === made.id)).toMatchObject({ users: 1 });
  const names = roles.slice(6).map(({ name }) => name.toLowerCase());
  expect(names).toEqual(names.toSorted());
  expect(await rolesOf(await api.signIn(await api.makeTenant('Other'), [anywhere('administrator')]))).toHaveLength(6);
});

test('nobody makes, changes or deletes a role that allows more than they may do themselves everywhere', async () => {
  const roleWriter = await makeRole('role.write', 'people.read', 'fleet.read');
  const writer = await api.signIn(tenantId, [anywhere(roleWriter.id)]);
  const create = (permissions: string[]) => ask(writer, 'POST', '/roles', { name: randomUUID(), permissions });
  expect((await create(['fleet.read'])).status).toBe(201);
  expect((await create(['device.terminal'])).body.code).toBe('not-allowed');
  const strong = await makeRole('device.terminal');
  expect((await ask(writer, 'PATCH', `/roles/${strong.id}`, { permissions: ['fleet.read'] })).status).toBe(403);
  expect((await ask(writer, 'PATCH', `/roles/${strong.id}`, { name: 'mine' })).status).toBe(403);
  expect((await ask(writer, 'DELETE', `/roles/${strong.id}`)).status).toBe(403);
  // Least of all the role they have.
  expect(
    (await ask(writer, 'PATCH', `/roles/${roleWriter.id}`, { permissions: [...PERMISSION_NAMES] })).status,
  ).not.toBe(200);

  const group = await ask<{ id: string }>(administrator, 'POST', '/groups', { name: randomUUID() });
  const limited = await api.signIn(tenantId, [
    anywhere(roleWriter.id),
    { roleId: 'terminal', groupIds: [group.body.id] },
  ]);
  const widen = { name: randomUUID(), permissions: ['device.terminal'] };
  expect((await ask(limited, 'POST', '/roles', widen)).status).toBe(403);
});

test('no role of a tenant makes tenants, and the built-in ones stay', async () => {
  const system = await api.signIn(tenantId, [anywhere('system-administrator')]);
  const { status, body } = await ask(system, 'POST', '/roles', { name: 'x', permissions: ['system.admin'] });
  expect([status, body.code]).toEqual([422, 'bad-input']);
  for (const method of ['PATCH', 'DELETE'])
    expect((await ask(system, method, '/roles/viewer', { name: 'x' })).status).toBe(404);
});

test('a change of a role counts at once, and its end takes it from everybody', async () => {
  const role = await makeRole('fleet.read');
  const somebody = await api.signIn(tenantId, [anywhere(role.id)]);
  expect((await ask(somebody, 'GET', '/devices')).status).toBe(200);
  expect((await ask(somebody, 'GET', '/roles')).status).toBe(403);
  await ask(administrator, 'PATCH', `/roles/${role.id}`, { permissions: ['people.read'] });
  expect((await ask(somebody, 'GET', '/devices')).status).toBe(403);
  expect((await ask(somebody, 'GET', '/roles')).status).toBe(200);
  expect((await ask(administrator, 'DELETE', `/roles/${role.id}`)).status).toBe(204);
  expect((await ask(somebody, 'GET', '/roles')).status).toBe(403);
  const { database } = api.context.store;
  expect(await database.selectFrom('grants').selectAll().where('role_id', '=', role.id).execute()).toEqual([]);
});

test('a name is taken once, and roles of another tenant are not there', async () => {
  const role = await makeRole('fleet.read');
  const again = await ask(administrator, 'POST', '/roles', { name: role.name.toUpperCase(), permissions: [] });
  expect([again.status, again.body.code]).toEqual([409, 'name-taken']);
  const other = await makeRole('fleet.read');
  expect((await ask(administrator, 'PATCH', `/roles/${other.id}`, { name: role.name })).body.code).toBe('name-taken');
  const stranger = await api.signIn(await api.makeTenant('Stranger'), [anywhere('administrator')]);
  expect((await ask(stranger, 'PATCH', `/roles/${role.id}`, { name: 'x' })).status).toBe(404);
  expect((await ask(stranger, 'DELETE', `/roles/${role.id}`)).status).toBe(404);
});

test('the preview says where each permission holds, by which role, and for one device', async () => {
  const { items } = (await ask<{ items: { id: string }[] }>(administrator, 'GET', '/devices')).body;
  const [inside, outside] = [items[0]!.id, items[1]!.id];
  const group = (await ask<{ id: string; name: string }>(administrator, 'POST', '/groups', { name: 'Lake' })).body;
  await ask(administrator, 'POST', `/groups/${group.id}/devices`, { deviceIds: [inside] });
  const custom = await makeRole('device.terminal', 'audit.read');
  const { userId } = await api.signIn(tenantId, [
    anywhere('viewer'),
    { roleId: 'terminal', groupIds: [group.id] },
    { roleId: custom.id, groupIds: [group.id] },
  ]);
  const preview = async (query = '') => {
    const { body } = await ask<{ items: { permission: string }[] }>(
      administrator,
      'GET',
      `/users/${userId}/access${query}`,
    );
    expect(body.items.map(({ permission }) => permission)).toEqual([...PERMISSION_NAMES]);
    return new Map(body.items.map((item) => [item.permission, item]));
  };
  const plain = await preview();
  expect(plain.get('fleet.read')).toMatchObject({ holds: 'all', roles: ['Terminal', 'Viewer'], onDevice: null });
  expect(plain.get('device.terminal')).toMatchObject({
    holds: [{ id: group.id, name: 'Lake' }],
    roles: expect.arrayContaining(['Terminal', custom.name]),
  });
  // For the whole tenant or not at all.
  for (const name of ['audit.read', 'group.write', 'system.admin'])
    expect(plain.get(name)).toMatchObject({ holds: 'no', roles: [] });
  const onInside = await preview(`?deviceId=${inside}`);
  expect(onInside.get('device.terminal')).toMatchObject({ onDevice: true });
  expect(onInside.get('audit.read')).toMatchObject({ onDevice: null });
  const onOutside = await preview(`?deviceId=${outside}`);
  expect([onOutside.get('device.terminal'), onOutside.get('fleet.read')]).toMatchObject([
    { onDevice: false },
    { onDevice: true },
  ]);
  expect((await ask(administrator, 'GET', `/users/${userId}/access?deviceId=${randomUUID()}`)).status).toBe(404);
  const stranger = await api.signIn(await api.makeTenant('Else'), [anywhere('administrator')]);
  expect((await ask(stranger, 'GET', `/users/${userId}/access`)).status).toBe(404);
});
