import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { createPublicKey, randomUUID } from 'node:crypto';
import type { Device } from '@lovely/api';
import { startTestApi, type SignedIn, type TestApi } from './test-api.ts';
import { newKey, testGateway } from './test-gateway.ts';

const DEVAUTH = '/api/management/v2/devauth';

let api: TestApi;
let tenantId: string;
let admin: SignedIn;
beforeAll(async () => {
  api = await startTestApi();
}, 60_000);
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
beforeEach(async () => {
  tenantId = await api.makeTenant(randomUUID());
  admin = await api.signIn(tenantId, [{ roleId: 'administrator', groupIds: null }]);
});

interface ImportResult {
  devices: number;
  created: number;
  problems: { line: number; column: string | null; reason: string }[];
}

const post = (path: string, body: unknown) => api.call(admin.token, 'POST', path, body);
const importCsv = async (csv: string, dryRun = false): Promise<ImportResult> =>
  (await (await post('/api/v1/devices/import', { csv, dryRun })).json()) as ImportResult;

async function listed(): Promise<Device[]> {
  const answer = await api.call(admin.token, 'GET', '/api/v1/devices?limit=500');
  return ((await answer.json()) as { items: Device[] }).items;
}

async function limitTo(devices: number): Promise<void> {
  await api.context.store.database
    .updateTable('tenants')
    .set({ limits: JSON.stringify({ devices }) })
    .where('id', '=', tenantId)
    .execute();
}

test('a pre-authorised gateway is let in when it first asks, in its tenant, with the name and place it was given', async () => {
  const gateway = testGateway(api);
  const made = await post('/api/v1/devices', {
    identity: { sn: gateway.serial },
    publicKey: gateway.publicKey,
    name: 'Villa',
    location: { latitude: 52.5, longitude: 13.4 },
    tags: ['new'],
  });
  expect(made.status).toBe(201);
  expect(await made.json()).toMatchObject({ status: 'preauthorized', name: 'Villa', tags: ['new'] });
  expect((await gateway.ask()).status).toBe(200);
  expect((await listed()).map(({ status, name }) => [status, name])).toEqual([['accepted', 'Villa']]);
  const again = await post('/api/v1/devices', { identity: { sn: gateway.serial }, publicKey: gateway.publicKey });
  expect(again.status).toBe(409);
});

test('Mender’s tools get the device that is in the way, and may add a key to it by force', async () => {
  const gateway = testGateway(api);
  const wish = { identity_data: { sn: gateway.serial }, pubkey: gateway.publicKey };
  expect((await post(`${DEVAUTH}/devices`, wish)).status).toBe(201);
  const taken = await post(`${DEVAUTH}/devices`, wish);
  expect([taken.status, await taken.json()]).toMatchObject([409, { status: 'preauthorized' }]);
  await gateway.ask();
  const spare = testGateway(api, { serial: gateway.serial });
  const forced = { ...wish, pubkey: spare.publicKey, force: true };
  expect((await post(`${DEVAUTH}/devices`, forced)).status).toBe(201);
  expect((await gateway.ask()).status).toBe(200);
  expect((await spare.ask()).status).toBe(200);
  expect((await gateway.ask()).status).toBe(401);
  expect(await listed()).toHaveLength(1);
});

test('a file is taken line by line: good ones are in, of others it says what is wrong where', async () => {
  const keys = Array.from({ length: 8 }, () =>
    createPublicKey(newKey()).export({ format: 'der', type: 'spki' }).toString('base64'),
  );
  const pem = testGateway(api).publicKey;
  const csv = [
    'identity.sn,identity.mac,public_key,name,latitude,longitude,tags',
    `1,aa,${keys[0]},"=HYPERLINK(""x"")",52.5,13.4,a; b`,
    `2,,"${pem}",,,,`,
    `3,,no key,,,,`,
    `1,aa,${keys[1]},,,,`,
    '',
    `4,,${keys[2]},,100,13,`,
    `5,,${keys[3]},,,13,`,
    `,,${keys[4]},,,,`,
    `6,,${keys[5]}`,
  ].join('\r\n');
  const dry = await importCsv(csv, true);
  expect(await listed()).toEqual([]);
  const real = await importCsv(csv);
  expect({ ...real, dryRun: true }).toEqual({ ...dry, dryRun: true });
  expect(real).toMatchObject({ devices: 8, created: 2 });
  expect(real.problems.map(({ line, column }) => [line, column])).toEqual([
    // The key in PEM takes four lines.
    [6 + 1, 'public_key'],
    [8, null],
    [10, 'latitude'],
    [11, 'latitude'],
    [12, null],
    [13, null],
  ]);
  const devices = await listed();
  expect(devices.map(({ name, tags }) => [name, tags])).toContainEqual(['=HYPERLINK("x")', ['a', 'b']]);
  expect((await importCsv(csv)).problems.slice(0, 2).map(({ line, reason }) => [line, reason])).toEqual([
    [2, 'a device with this identity is there already'],
    [3, 'a device with this identity is there already'],
  ]);
});

test('a file that is none is refused as a whole', async () => {
  for (const csv of [
    'public_key\nx',
    'identity.sn\n1',
    'identity.sn,public_key,colour\n',
    'identity.sn,public_key\n"1,x',
  ])
    expect([csv, (await post('/api/v1/devices/import', { csv })).status]).toEqual([csv, 422]);
});

test('ten thousand lines are one request', async () => {
  const key = createPublicKey(newKey()).export({ format: 'der', type: 'spki' }).toString('base64');
  const lines = Array.from({ length: 10_000 }, (_, index) => `big-${index},${key}`);
  const result = await importCsv(['identity.sn,public_key', ...lines].join('\n'));
  expect(result).toMatchObject({ created: 10_000, problems: [] });
  const more = await post('/api/v1/devices/import', {
    csv: ['identity.sn,public_key', ...lines, `x,${key}`].join('\n'),
  });
  expect(more.status).toBe(422);
}, 60_000);

test('however many are accepted at once, there are never more than the tenant may have', async () => {
  const { code } = (await (await post('/api/v1/join-codes', { name: 'x', expiresInMinutes: null })).json()) as {
    code: string;
  };
  const gateways = Array.from({ length: 6 }, () => testGateway(api));
  for (const gateway of gateways) await gateway.ask({ code });
  await limitTo(3);
  const records = (await (await api.call(admin.token, 'GET', `${DEVAUTH}/devices?per_page=50`)).json()) as {
    id: string;
    auth_sets: { id: string }[];
  }[];
  const answers = await Promise.all([
    ...records.map(({ id, auth_sets }) =>
      api.call(admin.token, 'PUT', `${DEVAUTH}/devices/${id}/auth/${auth_sets[0]!.id}/status`, { status: 'accepted' }),
    ),
    ...Array.from({ length: 3 }, () =>
      post('/api/v1/devices', { identity: { sn: randomUUID() }, publicKey: testGateway(api).publicKey }),
    ),
  ]);
  const taken = answers.filter((answer) => answer.ok);
  expect(taken).toHaveLength(3);
  for (const answer of answers.filter((one) => !one.ok)) {
    expect(answer.status).toBe(422);
    expect(((await answer.json()) as { code: string }).code).toBe('device-limit');
  }
  const limit = await api.call(admin.token, 'GET', `${DEVAUTH}/limits/max_devices`);
  expect(await limit.json()).toEqual({ limit: 3 });

  const accepting = (await (
    await post('/api/v1/join-codes', { name: 'y', expiresInMinutes: 5, accept: true })
  ).json()) as { code: string; joinCode: { id: string } };
  const late = testGateway(api);
  expect(await late.ask({ code: accepting.code })).toMatchObject({ status: 422, code: 'device-limit' });
  const before = await listed();
  expect(before.some(({ identity }) => identity.sn === late.serial)).toBe(false);
  const key = createPublicKey(newKey()).export({ format: 'der', type: 'spki' }).toString('base64');
  await limitTo(4);
  const file = await importCsv(`identity.sn,public_key\none,${key}\ntwo,${key}`);
  expect([file.created, file.problems.map(({ line }) => line)]).toEqual([1, [3]]);
  await limitTo(5);
  expect((await late.ask({ code: accepting.code })).status).toBe(200);
});

test('a device that was decommissioned and asks again is a new one that waits', async () => {
  const gateway = testGateway(api);
  const { code } = (await (
    await post('/api/v1/join-codes', { name: 'x', expiresInMinutes: 5, accept: true })
  ).json()) as { code: string };
  await gateway.ask({ code });
  const [before] = await listed();
  await api.call(admin.token, 'DELETE', `/api/v1/devices/${before!.id}`);
  expect((await gateway.ask()).status).toBe(401);
  expect(await listed()).toEqual([]);
  const first = await api.signIn(api.context.firstTenantId, [{ roleId: 'viewer', groupIds: null }]);
  const answer = await api.call(first.token, 'GET', '/api/v1/devices?limit=500');
  const { items } = (await answer.json()) as { items: Device[] };
  expect(items.filter(({ identity }) => identity.sn === gateway.serial).map(({ status }) => status)).toEqual([
    'pending',
  ]);
});
