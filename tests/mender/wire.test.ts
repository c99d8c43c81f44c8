/** The captured exchanges of Mender's programs against our server: the same requests, the same statuses and shapes. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { getDevice, PATHS } from '@lovely/api';
import { ADMIN, TestServer } from '../harness/server.ts';
import { upgradeStatus } from './frame-socket.ts';
import { ATTRIBUTES, AUTH_REQUESTS, createKey, joinDevice } from './joined-device.ts';
import { readVectors, replay, testWithVectors, type CapturedAuthRequest, type CapturedExchange } from './vectors.ts';

const DEVICES = '/v2/devauth/devices';
const STRANGER = '11111111-2222-4333-8444-555555555555';
const MAC = '02:00:00:aa:bb:01';

const resources = new AsyncDisposableStack();
let server: TestServer;
beforeAll(async () => {
  server = resources.use(await TestServer.start());
});
afterAll(() => resources.disposeAsync());

describe('auth requests', () => {
  testWithVectors(
    'each kind of key waits, is accepted, gets a token, and is void once another key is accepted',
    async () => {
      const { auth_requests: requests } = readVectors();
      const oneDevice = requests.filter(({ body_hex: hex }) => Buffer.from(hex, 'hex').includes(MAC));
      expect(oneDevice.map((request) => request.key_type)).toEqual(['rsa', 'ec', 'ed25519']);
      let before: string | undefined;
      for (const request of oneDevice) {
        const pending = await ask(request);
        expect(pending.status).toBe(401);
        await expectMenderError(pending, 'not-accepted');
        const device = await server.deviceWith(MAC);
        const key = device.auth_sets.find(({ status }) => status === 'pending')!;
        expect(await setStatus(device.id, key.id, { status: 'accepted' })).toBe(204);

        const accepted = await ask(request);
        expect(accepted.status).toBe(200);
        expect(accepted.headers.get('content-type')).toBe('application/jwt');
        const token = await accepted.text();
        expect(claimsOf(token)).toMatchObject({ iss: 'Mender', sub: device.id, jti: key.id, 'mender.device': true });
        if (before !== undefined) expect((await next(before)).status).toBe(401);
        expect((await next(token)).status).toBe(204);
        before = token;
      }
      const statuses = (await server.deviceWith(MAC)).auth_sets.map(({ status }) => status);
      expect(statuses).toEqual(['rejected', 'rejected', 'accepted']);
    },
  );

  testWithVectors('a body that was changed, or has no signature, is refused', async () => {
    for (const request of readVectors().auth_requests) {
      const body = Buffer.from(request.body_hex, 'hex');
      const tampered = Buffer.from(body.toString().replace('mac', 'mad'));
      const refused = await ask(request, tampered);
      expect(refused.status).toBe(401);
      await expectMenderError(refused, 'bad-signature');
      // The signature covers the raw bytes: the newline at the end is one of them.
      expect((await ask(request, body.subarray(0, -1))).status).toBe(401);
      const unsigned = await server.fetch(AUTH_REQUESTS, { method: 'POST', body });
      expect(unsigned.status).toBe(400);
      await expectMenderError(unsigned, 'bad-request');
    }
  });
});

describe('a device with a token', () => {
  testWithVectors('replaces its inventory with PUT and merges with PATCH', async () => {
    const { token, id } = await joinDevice(server);
    const put = await replay(server, exchange('inventory_put'), `Bearer ${token}`);
    expect(put.status).toBe(200);
    expect(await inventoryOf(id)).toEqual({
      kernel: '6.18.44-fc-v595',
      ipv4_lo: ['127.0.0.1/8', '127.0.0.2/8'],
      device_type: 'research-box',
      artifact_name: 'base-1.0',
      mender_client_version: '3.4.0+ds1-5+b1',
      weird: 'a=b "q" <é>&',
      hostname: 'vm',
    });
    expect(await sendInventory(token, 'PATCH', [{ name: 'hostname', value: 'vm2' }])).toBe(200);
    expect(await inventoryOf(id)).toMatchObject({ hostname: 'vm2', device_type: 'research-box' });
    expect(await sendInventory(token, 'PUT', [{ name: 'device_type', value: 'other-box' }])).toBe(200);
    expect(await inventoryOf(id)).toEqual({ device_type: 'other-box' });
  });

  testWithVectors('finds no deployment in all three ways of asking', async () => {
    const { token } = await joinDevice(server);
    for (const name of ['next_v2_post_204', 'next_v1_post_204', 'next_v1_get_204']) {
      const answer = await replay(server, exchange(name), `Bearer ${token}`);
      expect([name, answer.status, await answer.text()]).toEqual([name, 204, '']);
    }
  });
});

describe('people', () => {
  testWithVectors("sign in with Basic and get a token as text, or Mender's error", async () => {
    const right = await replay(server, exchange('login_200'), `Basic ${btoa(`${ADMIN.email}:${ADMIN.password}`)}`);
    expect(right.status).toBe(200);
    expect(right.headers.get('content-type')).toBe('application/jwt');
    const token = await right.text();
    expect(claimsOf(token)).toMatchObject({ iss: 'Mender', scp: 'mender.*', 'mender.user': true });
    const list = await replay(server, exchange('cli_devices_list'), `Bearer ${token}`);
    expect(list.status).toBe(200);

    const captured = exchange('login_401');
    const wrong = await replay(server, captured, captured.headers.authorization!);
    expect(wrong.status).toBe(401);
    await expectMenderError(wrong, 'bad-credentials');
  });

  testWithVectors('see devices in the shape that mender-cli reads', async () => {
    const { id } = await joinDevice(server);
    const authorization = `Bearer ${await server.token()}`;
    const list = (await (await replay(server, exchange('cli_devices_list'), authorization)).json()) as object[];
    expect(shapeOf(list[0])).toMatchObject(
      shapeOf((JSON.parse(exchange('cli_devices_list').resp) as object[])[0]) as object,
    );

    const captured = exchange('cli_deviceconnect_get_device');
    const url = captured.url.replace(/[^/]+$/, id);
    const device = (await (await replay(server, { ...captured, url }, authorization)).json()) as object;
    expect(shapeOf(device)).toEqual(shapeOf(JSON.parse(captured.resp)));
    expect(device).toMatchObject({ device_id: id, status: 'unknown' });
  });

  test('page through devices by the links of each answer', async () => {
    for (let made = 0; made < 5; made++) expect((await preauthorize(`page-${made}`)).status).toBe(201);
    const { count } = (await (await server.management('GET', `${DEVICES}/count`)).json()) as { count: number };
    const ids: string[] = [];
    let path: string | undefined = `${DEVICES}?per_page=2`;
    while (path !== undefined) {
      const page: Response = await server.management('GET', path);
      expect(page.headers.get('x-total-count')).toBe(`${count}`);
      ids.push(...((await page.json()) as { id: string }[]).map(({ id }) => id));
      const links = linksOf(page);
      expect(links).toMatchObject({
        first: expect.stringMatching(/\bpage=1\b/),
        last: expect.stringContaining('page='),
      });
      expect('prev' in links).toBe(ids.length > 2);
      path = links.next?.replace('/api/management', '');
    }
    expect(new Set(ids).size).toBe(count);
    for (const query of ['per_page=501', 'per_page=0', 'page=0', 'page=x'])
      expect((await server.management('GET', `${DEVICES}?${query}`)).status).toBe(400);
  });

  test('count, search and filter devices by status', async () => {
    const { id } = await joinDevice(server);
    const { id: preauthorized } = deviceAt(await preauthorize('filter'));
    const list = async (path: string): Promise<{ id: string; status: string }[]> =>
      (await (await server.management('GET', path)).json()) as { id: string; status: string }[];
    const accepted = await list(`${DEVICES}?status=accepted&per_page=500`);
    expect(accepted.map((device) => device.id)).toContain(id);
    expect(accepted.every((device) => device.status === 'accepted')).toBe(true);
    expect(await (await server.management('GET', `${DEVICES}/count?status=accepted`)).json()).toEqual({
      count: accepted.length,
    });
    const found = await server.management('POST', `${DEVICES}/search`, {
      id: [preauthorized, id],
      status: ['preauthorized'],
    });
    expect(await found.json()).toMatchObject([{ id: preauthorized }]);
    expect(await list(`${DEVICES}?id=${id}`)).toMatchObject([{ id }]);
    expect((await server.management('GET', `${DEVICES}?status=lost`)).status).toBe(400);
    expect(await (await server.management('GET', '/v2/devauth/limits/max_devices')).json()).toEqual({ limit: 0 });
  });

  test('preauthorise a device once', async () => {
    const first = await preauthorize('twice');
    expect(first.status).toBe(201);
    expect(await (await server.management('GET', `${DEVICES}/${deviceAt(first).id}`)).json()).toMatchObject({
      status: 'preauthorized',
      identity_data: { serial: 'twice' },
    });
    const second = await preauthorize('twice');
    expect(second.status).toBe(409);
    expect(await second.json()).toMatchObject({ id: deviceAt(first).id, status: 'preauthorized' });
  });

  test('set a status and delete keys and devices, and nothing of what they can not name', async () => {
    const { id, authSetId } = await joinDevice(server);
    expect(await setStatus(id, authSetId, { status: 'rejected' })).toBe(204);
    const status = await server.management('GET', `${DEVICES}/${id}/auth/${authSetId}/status`);
    expect(await status.json()).toEqual({ status: 'rejected' });
    expect(await setStatus(id, authSetId, { status: 'noauth' })).toBe(400);
    expect(await setStatus(id, authSetId, { state: 'accepted' })).toBe(400);
    expect(await setStatus(STRANGER, authSetId, { status: 'accepted' })).toBe(404);
    expect(await setStatus(id, STRANGER, { status: 'accepted' })).toBe(404);
    expect(await setStatus('nobody', authSetId, { status: 'accepted' })).toBe(404);

    const statusOf = async (method: string, path: string): Promise<number> =>
      (await server.management(method, `${DEVICES}/${path}`)).status;
    expect(await statusOf('DELETE', `${id}/auth/${STRANGER}`)).toBe(404);
    expect(await statusOf('DELETE', `${id}/auth/${authSetId}`)).toBe(204);
    expect(await statusOf('DELETE', `${id}/auth/${authSetId}`)).toBe(404);
    expect(await statusOf('DELETE', id)).toBe(204);
    expect(await statusOf('DELETE', id)).toBe(404);
    expect(await statusOf('GET', id)).toBe(404);
  });

  test('ask whether a device is connected, and open a WebSocket to one that is', async () => {
    const { id } = await joinDevice(server);
    const authorization = `Bearer ${await server.token()}`;
    expect((await server.management('GET', `/v1/deviceconnect/devices/${id}`)).status).toBe(200);
    expect((await server.management('GET', `/v1/deviceconnect/devices/${STRANGER}`)).status).toBe(404);
    expect((await server.management('GET', '/v1/deviceconnect/devices/nobody')).status).toBe(404);

    const path = (device: string): string => PATHS.deviceConnect.replace('{id}', device);
    expect(await upgradeStatus(server, path(id))).toBe(401);
    expect((await server.fetch(path(id), { headers: { authorization } })).status).toBe(426);
    expect(await upgradeStatus(server, path(STRANGER), { authorization })).toBe(404);
    expect(await upgradeStatus(server, path('nobody'), { authorization })).toBe(404);
    expect(await upgradeStatus(server, path(id), { authorization })).toBe(404);
  });
});

function exchange(name: string): CapturedExchange {
  return readVectors().http[name]!;
}

async function ask(
  request: CapturedAuthRequest,
  body: Uint8Array = Buffer.from(request.body_hex, 'hex'),
): Promise<Response> {
  return await server.fetch(AUTH_REQUESTS, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: request.authorization,
      'x-men-signature': request.x_men_signature,
    },
    body,
  });
}

async function next(token: string): Promise<Response> {
  return await replay(server, exchange('next_v2_post_204'), `Bearer ${token}`);
}

async function sendInventory(token: string, method: 'PUT' | 'PATCH', attributes: object[]): Promise<number> {
  const { status } = await server.fetch(ATTRIBUTES, {
    method,
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(attributes),
  });
  return status;
}

async function inventoryOf(id: string): Promise<object> {
  return (await server.call(getDevice, { params: { id } })).inventory;
}

async function setStatus(id: string, authSetId: string, body: object): Promise<number> {
  return (await server.management('PUT', `${DEVICES}/${id}/auth/${authSetId}/status`, body)).status;
}

async function preauthorize(serial: string): Promise<Response> {
  return await server.management('POST', DEVICES, { identity_data: { serial }, pubkey: createKey().publicPem });
}

/** The device that a 201 points at. */
function deviceAt(response: Response): { id: string } {
  return { id: response.headers.get('location')!.split('/').at(-1)! };
}

/** Mender's error: a text and the request's id, which stands in a header as well; the code is ours. */
async function expectMenderError(response: Response, code: string): Promise<void> {
  const body = (await response.json()) as { request_id: string };
  expect(body as object).toEqual({
    error: expect.stringMatching(/./),
    request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    code,
  });
  expect(response.headers.get('x-men-requestid')).toBe(body.request_id);
}

function claimsOf(token: string): object {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as object;
}

/** RFC 8288: paths by relation. */
function linksOf(response: Response): Partial<Record<string, string>> {
  const links = response.headers.get('link')!.matchAll(/<([^>]+)>; rel="(\w+)"/g);
  return Object.fromEntries([...links].map(([, path, relation]) => [relation, path]));
}

/** The types of all members, without their values. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shapeOf(member)]));
}
