/** Artifacts, releases and deployments in Mender's shapes, for people who may see and do different things. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import { parsePublicKey } from '../../domain/identity.ts';
import { requestAuthSet, setAuthSetStatus } from '../../store/auth-sets.ts';
import { replaceInventories } from '../../store/devices.ts';
import { startTestApi, TEST_ORIGIN, type SignedIn, type TestApi } from '../test-api.ts';
import { artifactBytes } from '../test-software.ts';

const ARTIFACTS = '/v1/deployments/artifacts';
const V1 = '/v1/deployments/deployments';
const V2 = '/v2/deployments/deployments';

let server: TestApi;
let manager: SignedIn;
/** Of the group "south" only, where the first of the devices is. */
let local: SignedIn;
let ids: string[];
beforeAll(async () => {
  server = await startTestApi();
  const tenantId = server.context.firstTenantId;
  const { database } = server.context.store;
  manager = await server.signIn(tenantId, [{ roleId: 'administrator', groupIds: null }]);
  ids = [];
  for (const sn of ['A', 'B', 'C']) {
    const { publicKey } = generateKeyPairSync('ed25519');
    const key = parsePublicKey(publicKey.export({ type: 'spki', format: 'pem' }).toString());
    const { authSet } = await requestAuthSet(database, tenantId, { sn }, key);
    await setAuthSetStatus(database, tenantId, authSet.deviceId, authSet.id, 'accepted');
    await replaceInventories(database, [{ deviceId: authSet.deviceId, attributes: { device_type: 'gateway' } }]);
    ids.push(authSet.deviceId);
  }
  const made = await server.call(manager.token, 'POST', '/api/v1/groups', { name: 'south' });
  const { id: groupId } = (await made.json()) as { id: string };
  await server.call(manager.token, 'POST', `/api/v1/groups/${groupId}/devices`, { deviceIds: [ids[0]] });
  local = await server.signIn(tenantId, [{ roleId: 'release-manager', groupIds: [groupId] }]);
  await upload('first');
  await upload('second');
  await upload('second', ['other-box']);
}, 120_000);
afterAll(() => server[Symbol.asyncDispose]());

const ask = (method: string, path: string, body?: unknown, who: SignedIn = manager) =>
  server.call(who.token, method, `/api/management${path}`, body);
const read = async <T>(path: string, who?: SignedIn): Promise<T> => {
  const answer = await ask('GET', path, undefined, who);
  expect([path, answer.status]).toEqual([path, 200]);
  return (await answer.json()) as T;
};

async function upload(name: string, deviceTypes = ['gateway']): Promise<Response> {
  const form = new FormData();
  form.set('description', `about ${name}`);
  form.set('artifact', new Blob([new Uint8Array(await artifactBytes({ name, deviceTypes }))]), `${name}.mender`);
  const headers = { authorization: `Bearer ${manager.token}` };
  const request = new Request(`${TEST_ORIGIN}/api/management${ARTIFACTS}`, { method: 'POST', headers, body: form });
  return (await server.api.answer(request, '127.0.0.1')) as Response;
}

test('artifacts come in pages, by name, type of device and description, and have a link', async () => {
  const page = await ask('GET', `${ARTIFACTS}/list?per_page=2&sort=name:asc`);
  expect(page.headers.get('x-total-count')).toBe('3');
  expect(((await page.json()) as { name: string }[]).map(({ name }) => name)).toEqual(['first', 'second']);
  const names = async (query: string) =>
    (await read<{ name: string }[]>(`${ARTIFACTS}/list?${query}`)).map(({ name }) => name);
  expect(await names('name=fir*')).toEqual(['first']);
  expect(await names('name=fir')).toEqual([]);
  expect(await names('device_type=other-box')).toEqual(['second']);
  expect(await names('description=about%20first')).toEqual(['first']);
  expect((await ask('GET', `${ARTIFACTS}/list?sort=size`)).status).toBe(400);

  const [first] = await read<{ id: string }[]>(`${ARTIFACTS}/list?name=first`);
  expect((await ask('PUT', `${ARTIFACTS}/${first!.id}`, { description: 'mended' })).status).toBe(204);
  expect(await read(`${ARTIFACTS}/${first!.id}`)).toMatchObject({ description: 'mended', signed: false });
  const { uri } = await read<{ uri: string }>(`${ARTIFACTS}/${first!.id}/download`);
  const content = (await server.api.answer(new Request(uri), '127.0.0.1')) as Response;
  expect(Buffer.from(await content.arrayBuffer()).equals(await artifactBytes({ name: 'first' }))).toBe(true);
  expect((await upload('first')).status).toBe(409);
});

test('releases have notes and tags, are found by them, and go with all of their artifacts', async () => {
  await upload('to-go');
  const path = `${V2}/releases`;
  expect((await ask('PATCH', `${path}/second`, { notes: 'For the winter.' })).status).toBe(204);
  expect((await ask('PUT', `${path}/second/tags`, ['stable'])).status).toBe(204);
  expect(await read(`${path}?tag=stable`)).toMatchObject([
    { name: 'second', notes: 'For the winter.', tags: ['stable'], artifacts_count: 2, artifacts: [{}, {}] },
  ]);
  expect(await read(`${path}/second`)).toMatchObject({ name: 'second', artifacts_count: 2 });
  expect(await read(`${path}/all/tags`)).toEqual(['stable']);
  expect(await read(`${path}/all/types`)).toEqual(['single-file']);
  expect(await read(`${V1}/releases?name=first`)).toMatchObject([{ Name: 'first', ArtifactsCount: 1 }]);
  expect((await ask('DELETE', `${path}?name=to-go&name=nothing`)).status).toBe(404);
  expect((await ask('DELETE', `${path}?name=to-go`)).status).toBe(204);
  expect(await read(`${path}?name=to-go`)).toEqual([]);
});

test('a deployment is made for devices, all or a group, listed by what it is, counted and ended', async () => {
  const made = async (path: string, more: object): Promise<string> => {
    const answer = await ask('POST', path, { name: 'winter', artifact_name: 'second', ...more });
    expect([answer.status, await answer.text()]).toEqual([201, '']);
    return answer.headers.get('location')!.split('/').at(-1)!;
  };
  const one = await made(V1, { devices: [ids[1]] });
  const all = await made(V1, { name: 'everybody', all_devices: true });
  const group = await made(`${V1}/group/south`, {});
  expect((await ask('POST', V1, { name: 'a', artifact_name: 'nothing', all_devices: true })).status).toBe(422);
  expect((await ask('POST', V1, { name: 'a', artifact_name: 'second' })).status).toBe(400);
  expect((await ask('POST', `${V1}/group/nowhere`, { name: 'a', artifact_name: 'second' })).status).toBe(404);

  const page = await ask('GET', `${V1}?per_page=2`);
  expect(page.headers.get('x-total-count')).toBe('3');
  expect((await page.json()) as object[]).toMatchObject([
    { id: group, groups: ['south'], status: 'pending', device_count: 1, type: 'software' },
    { id: all, name: 'everybody', device_count: 3, artifacts: [expect.any(String), expect.any(String)] },
  ]);
  const found = async (query: string) => (await read<{ id: string }[]>(`${V1}?${query}`)).map(({ id }) => id);
  expect(await found('search=everyb')).toEqual([all]);
  expect(await found('status=pending&sort=asc')).toEqual([one, all, group]);
  expect(await found('status=inprogress')).toEqual([]);
  expect(await found(`id=${one}&id=${all}&sort=asc`)).toEqual([one, all]);
  expect(await found('created_before=1000000000')).toEqual([]);

  expect(await read<string[]>(`${V1}/${all}/device_list`)).toEqual(ids.toSorted());
  expect(await read(`${V1}/${one}/devices/list?status=pending`)).toMatchObject([
    { id: ids[1], status: 'pending', device_type: 'gateway', log: false, state: 'pending' },
  ]);
  expect(await read(`${V1}/${one}/devices/list?status=finished`)).toEqual([]);
  expect((await ask('GET', `${V1}/${one}/devices/list?status=lost`)).status).toBe(400);
  expect((await ask('GET', `${V1}/${one}/devices/${ids[1]}/log`)).status).toBe(404);
  expect(await read(`${V1}/devices/${ids[0]}`)).toMatchObject([
    { deployment: { id: group } },
    { deployment: { id: all } },
  ]);
  expect(await read(`${V1}/${all}/statistics`)).toMatchObject({ pending: 3, success: 0 });
  const listed = await ask('POST', `${V1}/statistics/list`, { deployment_ids: [one, all] });
  expect(((await listed.json()) as object[]).length).toBe(2);

  // Of a deployment for all, somebody of one group sees their own device, and can't end it for the others.
  expect((await read<object[]>(V1, local)).length).toBe(2);
  expect(await read(`${V1}/${all}`, local)).toMatchObject({ device_count: 1 });
  expect(await read<string[]>(`${V1}/${all}/device_list`, local)).toEqual([ids[0]!]);
  expect((await ask('GET', `${V1}/${one}`, undefined, local)).status).toBe(404);
  const abort = { status: 'aborted' };
  expect((await ask('PUT', `${V1}/${one}/status`, abort, local)).status).toBe(404);
  expect((await ask('PUT', `${V1}/${all}/status`, abort, local)).status).toBe(403);

  expect((await ask('PUT', `${V1}/${group}/status`, abort)).status).toBe(204);
  expect((await ask('PUT', `${V1}/${group}/status`, abort)).status).toBeOneOf([409, 422]);
  expect((await ask('DELETE', `${V1}/devices/${ids[1]}`)).status).toBe(204);
  expect(await read(`${V1}/${one}/devices/list`)).toMatchObject([{ id: ids[1], status: 'aborted' }]);
});

test('a configuration is kept as texts, and deployed to nobody who has not asked', async () => {
  const path = `/v1/deviceconfig/configurations/device/${ids[2]}`;
  expect((await ask('GET', path)).status).toBe(404);
  expect((await ask('PUT', path, { interval: '60', name: 'für 漢字' })).status).toBe(204);
  expect(await read(path)).toMatchObject({
    id: ids[2],
    configured: { interval: '60', name: 'für 漢字' },
    reported: {},
  });
  expect((await ask('PUT', path, { interval: 60 })).status).toBe(400);
  expect((await ask('PUT', path, { 'not a key': 'x' })).status).toBeOneOf([400, 422]);
  expect((await ask('POST', `${path}/deploy`, {})).status).toBe(409);
  expect((await ask('PUT', path, {}, local)).status).toBe(403);
  expect(await read('/v1/deployments/limits/storage')).toMatchObject({ limit: 0, usage: expect.any(Number) });
});
