/** People who may see or work on some houses, with the real server, real gateways, HTTP and WebSockets. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import {
  acceptInvitation,
  addGroupDevices,
  ApiError,
  call,
  createGroup,
  createInvitation,
  createRole,
  getDevice,
  getDeviceStatus,
  getFleet,
  getMe,
  getUserAccess,
  listAlerts,
  listClusters,
  listDevices,
  listGroups,
  listHousesInView,
  PATHS,
  removeGroupDevices,
  updateDevice,
  updateRole,
  updateUser,
  type CallInput,
  type Endpoint,
  type Grant,
  type Result,
} from '@lovely/api';
import { decodeFrame, feedEvents, feedSummary, type FeedEvent, type FleetSummary } from '@lovely/protocol';
import { TestGateway } from './harness/gateway.ts';
import { TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';

const PASSWORD = 'lake-violin-harbour-sand';
const WORLD = '-180,-85,180,85';

let server: TestServer;
let lake: { gateway: TestGateway; id: string };
let hill: { gateway: TestGateway; id: string };
let lakeGroup: string;
beforeAll(async () => {
  server = await TestServer.start({ env: { LOVELY_OFFLINE_AFTER_MS: '1000' } });
  [lake, hill] = [await makeHouse('Lake House', 47), await makeHouse('Hill House', 48)];
  lakeGroup = (await server.call(createGroup, { body: { name: 'Lake', description: '', filter: null } })).id;
  await server.call(addGroupDevices, { params: { id: lakeGroup }, body: { deviceIds: [lake.id] } });
}, 120_000);
afterAll(async () => {
  for (const { gateway } of [lake, hill]) await gateway[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function makeHouse(name: string, latitude: number): Promise<{ gateway: TestGateway; id: string }> {
  const gateway = await TestGateway.join(server);
  const { id } = gateway;
  await server.call(updateDevice, {
    params: { id },
    body: { name, location: { latitude, longitude: 8 } },
  });
  await until(`${name} is connected`, async () => (await server.call(getDevice, { params: { id } })).connected);
  return { gateway, id };
}

/** Somebody who was invited with these roles, has accepted, and signed in. */
class Somebody {
  readonly id: string;
  readonly #token: string;

  private constructor(id: string, token: string) {
    this.id = id;
    this.#token = token;
  }

  static async invite(grants: Grant[]): Promise<Somebody> {
    const email = `${crypto.randomUUID()}@example.com`;
    const { url } = await server.call(createInvitation, { body: { email, grants } });
    const code = new URL(url).hash.slice(1);
    const { id } = await call((path, init) => server.fetch(path, init), '', acceptInvitation, {
      body: { code, name: 'Somebody', password: PASSWORD },
    });
    const login = await server.fetch('/api/management/v1/useradm/auth/login', {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${email}:${PASSWORD}`)}` },
    });
    return new Somebody(id, await login.text());
  }

  async call<E extends Endpoint>(endpoint: E, input: CallInput<E> = {}): Promise<Result<E>> {
    return await call((url, init) => server.fetch(url, init), '', endpoint, input, {
      authorization: `Bearer ${this.#token}`,
    });
  }

  /** The code of a refusal; undefined when it is done. */
  async refusal<E extends Endpoint>(endpoint: E, input: CallInput<E> = {}): Promise<string | undefined> {
    return await this.call(endpoint, input).then(
      () => undefined,
      (error: unknown) => (error instanceof ApiError ? error.problem.code : String(error)),
    );
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return await server.fetch(path, { headers: { authorization: `Bearer ${this.#token}`, ...headers } });
  }

  /** How opening a WebSocket is refused. */
  async socketRefusal(path: string): Promise<number> {
    const answer = await this.get(path, {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': btoa('0123456789abcdef'),
    });
    return answer.status;
  }

  async socket(path: string): Promise<WebSocket> {
    const socket = new WebSocket(server.url.replace('https:', 'wss:') + path, {
      headers: { authorization: `Bearer ${this.#token}` },
      tls: await server.tls(),
    });
    socket.binaryType = 'arraybuffer';
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error(`${path} can't be opened`));
    });
    return socket;
  }

  async watch(): Promise<Watch> {
    return new Watch(await this.socket(PATHS.live));
  }
}

/** What the live channel tells. */
class Watch {
  readonly events: FeedEvent[] = [];
  summary: FleetSummary | undefined;
  isClosed = false;

  constructor(socket: WebSocket) {
    socket.onclose = () => (this.isClosed = true);
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      const frame = decodeFrame(new Uint8Array(data), data.byteLength);
      if (feedEvents.is(frame)) this.events.push(...feedEvents.read(frame).body);
      if (feedSummary.is(frame)) this.summary = feedSummary.read(frame).body;
    };
  }

  has(deviceId: string, kind: FeedEvent['kind'], change?: string): boolean {
    return this.events.some(
      (event) =>
        event.deviceId === deviceId && event.kind === kind && (change === undefined || event.change === change),
    );
  }
}

const terminalOf = (id: string): string => PATHS.deviceConnect.replace('{id}', id);

test('a viewer of one group sees its houses everywhere, and of others nothing at all', async () => {
  const viewer = await Somebody.invite([{ roleId: 'viewer', groupIds: [lakeGroup] }]);
  expect((await viewer.call(getMe)).permissions).toEqual({ 'fleet.read': [lakeGroup] });
  const [watch, everything] = [
    await viewer.watch(),
    await (await Somebody.invite([{ roleId: 'viewer', groupIds: null }])).watch(),
  ];

  const { items } = await viewer.call(listDevices);
  expect(items.map(({ id }) => id)).toEqual([lake.id]);
  const unknown = crypto.randomUUID();
  for (const id of [hill.id, unknown])
    for (const endpoint of [getDevice, getDeviceStatus])
      expect(await viewer.refusal(endpoint, { params: { id } })).toBe('not-found');
  expect((await viewer.call(getDevice, { params: { id: lake.id } })).name).toBe('Lake House');
  expect((await viewer.call(getFleet)).devices).toBe(1);
  const inView = await viewer.call(listHousesInView, { query: { box: WORLD } });
  expect([inView.total, inView.items.map(({ id }) => id)]).toEqual([1, [lake.id]]);
  const { clusters } = await viewer.call(listClusters, { query: { box: WORLD, level: 4 } });
  expect(clusters.map(({ houses }) => houses)).toEqual([1]);
  expect((await viewer.call(listGroups)).items.map(({ id, devices }) => [id, devices])).toEqual([[lakeGroup, 1]]);
  const tile = PATHS.fleetTiles.replace('{z}', '2').replace('{x}', '2').replace('{y}', '1');
  expect(Buffer.from(await (await viewer.get(tile)).arrayBuffer())).not.toContain(Buffer.from(hill.id));

  for (const path of ['/v1/inventory/devices', '/v2/devauth/devices']) {
    const answer = await viewer.get(`/api/management${path}`);
    expect(((await answer.json()) as { id: string }[]).map(({ id }) => id)).toEqual([lake.id]);
    for (const id of [hill.id, unknown]) expect((await viewer.get(`/api/management${path}/${id}`)).status).toBe(404);
  }
  expect((await (await viewer.get('/api/management/v2/devauth/devices/count')).json()) as object).toEqual({ count: 1 });
  for (const [id, code] of [
    [lake.id, 'not-allowed'],
    [hill.id, 'not-allowed'],
  ] as const)
    expect(await viewer.refusal(updateDevice, { params: { id }, body: { name: 'mine' } })).toBe(code);
  expect(await viewer.socketRefusal(terminalOf(lake.id))).toBe(403);

  // The other house breaks, then their own: they hear of the second alone.
  for (const { gateway, id } of [hill, lake]) {
    gateway.process.signal('SIGKILL');
    await gateway.process.exited;
    await until('everybody else hears of it', () => everything.has(id, 'alert', 'opened'));
  }
  await until('they hear of theirs', () => watch.has(lake.id, 'alert', 'opened'));
  expect(watch.events.filter(({ deviceId }) => deviceId !== lake.id)).toEqual([]);
  await until('they are told the counts', () => watch.summary?.offline === 1 && watch.summary.alerts === 1);
  const alerts = await viewer.call(listAlerts);
  expect(new Set(alerts.items.map(({ deviceId }) => deviceId))).toEqual(new Set([lake.id]));
  for (const { gateway, id } of [hill, lake]) {
    gateway.restart();
    await until('it is back', async () => (await server.call(getDevice, { params: { id } })).connected);
  }
}, 120_000);

test('a terminal where one may have one, no other house, and none that leaves the group', async () => {
  const technician = await Somebody.invite([
    { roleId: 'viewer', groupIds: null },
    { roleId: 'terminal', groupIds: [lakeGroup] },
  ]);
  expect((await technician.call(listDevices)).items).toHaveLength(2);
  expect(await technician.socketRefusal(terminalOf(hill.id))).toBe(403);
  expect(await technician.socketRefusal(terminalOf(crypto.randomUUID()))).toBe(404);
  const { items } = await server.call(getUserAccess, { params: { id: technician.id }, query: { deviceId: hill.id } });
  const terminal = items.find(({ permission }) => permission === 'device.terminal');
  expect(terminal).toMatchObject({ holds: [{ id: lakeGroup, name: 'Lake' }], roles: ['Terminal'], onDevice: false });

  const only = await Somebody.invite([{ roleId: 'terminal', groupIds: [lakeGroup] }]);
  expect(await only.socketRefusal(terminalOf(hill.id))).toBe(404);

  const socket = await technician.socket(terminalOf(lake.id));
  const closed = new Promise<void>((resolve) => (socket.onclose = () => resolve()));
  const watch = await only.watch();
  await server.call(removeGroupDevices, { params: { id: lakeGroup }, body: { deviceIds: [lake.id] } });
  await closed;
  await until('it is gone from what they see', () => watch.has(lake.id, 'device', 'deleted'));
  expect((await only.call(listDevices)).items).toEqual([]);
  expect(await technician.socketRefusal(terminalOf(lake.id))).toBe(403);
  await server.call(addGroupDevices, { params: { id: lakeGroup }, body: { deviceIds: [lake.id] } });
  await until('it is back', async () => (await only.call(listDevices)).items.length === 1);
}, 120_000);

test('what somebody may do follows their roles at once, and what is open ends', async () => {
  const role = await server.call(createRole, {
    body: { name: 'Watcher', description: '', permissions: ['fleet.read'] },
  });
  const somebody = await Somebody.invite([{ roleId: role.id, groupIds: null }]);
  const first = await somebody.watch();
  await server.call(updateRole, { params: { id: role.id }, body: { permissions: ['people.read'] } });
  await until('the channel ends', () => first.isClosed);
  expect(await somebody.refusal(listDevices)).toBe('not-allowed');
  await server.call(updateUser, {
    params: { id: somebody.id },
    body: { grants: [{ roleId: 'viewer', groupIds: [lakeGroup] }] },
  });
  const second = await somebody.watch();
  await until('the counts are those of the group', () => second.summary?.devices === 1);
  await server.call(updateUser, { params: { id: somebody.id }, body: { grants: [] } });
  await until('the channel ends', () => second.isClosed);
  expect(await somebody.socketRefusal(PATHS.live)).toBe(403);
}, 120_000);
