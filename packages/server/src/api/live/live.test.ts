import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { PATHS, type DeviceFilter, type Grant } from '@lovely/api';
import { decodeFrame, feedEvents, feedSummary, mapChanges, type FeedEvent, type FleetSummary } from '@lovely/protocol';
import { event } from '../../bus/subjects.ts';
import { publishItems } from '../../bus/topic.ts';
import { UI_SOCKETS_PER_USER_MAX } from '../../limits.ts';
import type { Socket, SocketOwner } from '../../listener.ts';
import { generateFleet } from '../../store/generated-fleet.ts';
import { startTestApi, TEST_ORIGIN, type SignedIn, type TestApi } from '../test-api.ts';

const BOX = 'box=-180,-85,180,85';

let api: TestApi;
let tenantId: string;
let ids: string[];
let administrator: SignedIn;
beforeAll(async () => {
  api = await startTestApi();
  tenantId = api.context.firstTenantId;
  const { database } = api.context.store;
  await generateFleet(database, tenantId, 30);
  await database
    .updateTable('devices')
    .set({ status: 'accepted', latitude: 48, longitude: 8, health: 'ok', tags: [] })
    .execute();
  ids = (await database.selectFrom('devices').select('id').orderBy('created_at').execute()).map(({ id }) => id);
  administrator = await api.signIn(tenantId, [{ roleId: 'administrator', groupIds: null }]);
}, 60_000);
afterAll(() => api[Symbol.asyncDispose]());

async function ask<T>(who: SignedIn, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await api.call(who.token, method, path.startsWith('/api') ? path : `/api/v1${path}`, body);
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}
async function makeGroup(filter: DeviceFilter | null, devices: readonly string[] = []): Promise<string> {
  const { id } = await ask<{ id: string }>(administrator, 'POST', '/groups', { name: randomUUID(), filter });
  if (devices.length > 0) await ask(administrator, 'POST', `/groups/${id}/devices`, { deviceIds: devices });
  return id;
}
const viewerOf = (...groupIds: string[]): Promise<SignedIn> =>
  api.signIn(tenantId, [{ roleId: 'viewer', groupIds } satisfies Grant]);

/** A browser on the live channel. */
class Browser implements Socket {
  readonly events: FeedEvent[] = [];
  summary: FleetSummary | undefined;
  isMapStale = false;
  isClosed = false;

  static async open(who: SignedIn): Promise<Browser> {
    const headers = { upgrade: 'websocket', authorization: `Bearer ${who.token}` };
    const owner = await api.api.answer(new Request(TEST_ORIGIN + PATHS.live, { headers }), '127.0.0.1');
    if (owner instanceof Response) throw new Error(await owner.text());
    const browser = new Browser();
    owner.opened(browser);
    return browser;
  }
  send(bytes: Uint8Array): number {
    const frame = decodeFrame(bytes, bytes.length);
    if (feedEvents.is(frame)) this.events.push(...feedEvents.read(frame).body);
    if (feedSummary.is(frame)) this.summary = feedSummary.read(frame).body;
    if (mapChanges.is(frame)) this.isMapStale = true;
    return bytes.length;
  }
  close(): void {
    this.isClosed = true;
  }
  terminate(): void {
    this.isClosed = true;
  }
  getBufferedAmount(): number {
    return 0;
  }
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 1000; turn++) {
    if (await isSo()) return;
    await Bun.sleep(10);
  }
  throw new Error('it did not come to pass');
}
async function onMap(who: SignedIn): Promise<string[]> {
  const { items } = await ask<{ items: { id: string }[] }>(who, 'GET', `/map/houses?limit=200&${BOX}`);
  return items.map(({ id }) => id).sort();
}
const clustered = async (who: SignedIn): Promise<number> => {
  const { clusters } = await ask<{ clusters: { houses: number }[] }>(who, 'GET', `/map/clusters?level=4&${BOX}`);
  return clusters.reduce((sum, { houses }) => sum + houses, 0);
};
const happen = (id: string): void => {
  const ts = Date.now();
  const { bus } = api.context;
  publishItems(bus, event(tenantId, 'presence'), [{ device: id, connected: true, ts }]);
  publishItems(bus, event(tenantId, 'alert'), [{ device: id, alert: `alert-of-${id}`, change: 'opened', ts }]);
  publishItems(bus, event(tenantId, 'device'), [{ device: id, change: 'updated', status: 'accepted' }]);
  publishItems(bus, event(tenantId, 'status'), [{ device: id, ts }]);
  publishItems(bus, event(tenantId, 'health'), [{ device: id, health: 'ok', ts }]);
};

test('who sees some houses is told of these and never of another, on the map, in counts and in what happens', async () => {
  const mine = ids.slice(0, 4).sort();
  const viewer = await viewerOf(await makeGroup(null, mine.slice(0, 3)), await makeGroup(null, mine.slice(2)));
  const [limited, everything] = [await Browser.open(viewer), await Browser.open(administrator)];
  expect(limited.summary).toMatchObject({ devices: 4, ok: 4 });
  expect(everything.summary).toMatchObject({ devices: 30 });
  expect(await onMap(viewer)).toEqual(mine);
  expect([await clustered(viewer), await clustered(administrator)]).toEqual([4, 30]);
  const tile = async (who: SignedIn) => {
    const answer = await api.call(who.token, 'GET', tilePath);
    return Buffer.from(await answer.arrayBuffer()).toString('hex');
  };
  expect(await tile(viewer)).not.toBe(await tile(administrator));

  for (const id of ids) happen(id);
  const isTold = (browser: Browser, id: string) => browser.events.filter(({ deviceId }) => deviceId === id).length >= 4;
  await until(() => ids.every((id) => isTold(everything, id)) && mine.every((id) => isTold(limited, id)));
  expect([...new Set(limited.events.map(({ deviceId }) => deviceId))].sort()).toEqual(mine);
});

const tilePath = PATHS.fleetTiles.replace('{z}', '0').replace('{x}', '0').replace('{y}', '0');

test('a house that comes into a group or leaves it comes onto the map and leaves it, and whoever watched hears that it is gone', async () => {
  const group = await makeGroup(null, ids.slice(0, 2));
  const viewer = await viewerOf(group);
  const browser = await Browser.open(viewer);
  expect(await onMap(viewer)).toEqual(ids.slice(0, 2).sort());
  await ask(administrator, 'POST', `/groups/${group}/devices`, { deviceIds: [ids[5]] });
  await until(async () => (await onMap(viewer)).includes(ids[5]!));
  await until(() => browser.events.some(({ deviceId }) => deviceId === ids[5]));
  await until(() => browser.summary?.devices === 3);
  await ask(administrator, 'POST', `/groups/${group}/devices/remove`, { deviceIds: [ids[0]] });
  await until(() => browser.events.some(({ deviceId, change }) => deviceId === ids[0] && change === 'deleted'));
  expect(await onMap(viewer)).toEqual([ids[1]!, ids[5]!].sort());
  const told = browser.events.length;
  happen(ids[0]!);
  happen(ids[1]!);
  await until(() => browser.events.some(({ alertId }) => alertId === `alert-of-${ids[1]}`));
  expect(browser.events.slice(told).map(({ deviceId }) => deviceId)).not.toContain(ids[0]);
});

test('a dynamic group follows tags and health of its houses', async () => {
  const { database } = api.context.store;
  const tag = randomUUID();
  const tagged = await viewerOf(
    await makeGroup({ all: [{ scope: 'tags', attribute: tag, type: '$exists', value: true }] }),
  );
  const broken = await viewerOf(
    await makeGroup({ all: [{ scope: 'system', attribute: 'health', type: '$eq', value: 'critical' }] }),
  );
  const browser = await Browser.open(tagged);
  expect([await onMap(tagged), await onMap(broken)]).toEqual([[], []]);
  await ask(administrator, 'PATCH', `/devices/${ids[7]}`, { tags: [tag] });
  await until(async () => (await onMap(tagged)).join() === ids[7]);
  await until(() => browser.events.some(({ deviceId }) => deviceId === ids[7]));
  await database.updateTable('devices').set({ health: 'critical' }).where('id', '=', ids[8]!).execute();
  publishItems(api.context.bus, event(tenantId, 'health'), [{ device: ids[8]!, health: 'critical', ts: Date.now() }]);
  await until(async () => (await onMap(broken)).join() === ids[8]);
  await database.updateTable('devices').set({ health: 'ok' }).where('id', '=', ids[8]!).execute();
  publishItems(api.context.bus, event(tenantId, 'health'), [{ device: ids[8]!, health: 'ok', ts: Date.now() }]);
  await until(async () => (await onMap(broken)).length === 0);
  await ask(administrator, 'PATCH', `/devices/${ids[7]}`, { tags: [] });
  await until(() => browser.events.some(({ deviceId, change }) => deviceId === ids[7] && change === 'deleted'));
  expect(await onMap(tagged)).toEqual([]);
});

test('who is given another filter or loses a role is cut off, and comes back to what they may see now', async () => {
  const group = await makeGroup({ all: [{ scope: 'system', attribute: 'health', type: '$eq', value: 'ok' }] });
  const role = await ask<{ id: string }>(administrator, 'POST', '/roles', {
    name: randomUUID(),
    permissions: ['fleet.read'],
  });
  const [viewer, other] = [await viewerOf(group), await api.signIn(tenantId, [{ roleId: role.id, groupIds: null }])];
  const [limited, custom] = [await Browser.open(viewer), await Browser.open(other)];
  await ask(administrator, 'PATCH', `/groups/${group}`, {
    filter: { all: [{ scope: 'system', attribute: 'health', type: '$eq', value: 'offline' }] },
  });
  await until(() => limited.isClosed);
  expect(custom.isClosed).toBe(false);
  expect((await Browser.open(viewer)).summary).toMatchObject({ devices: 0 });
  await ask(administrator, 'DELETE', `/roles/${role.id}`);
  await until(() => custom.isClosed);
});

test('nobody takes the places of all others by opening browsers without end', async () => {
  const grants: Grant[] = [{ roleId: 'viewer', groupIds: null }];
  const [greedy, modest] = [await api.signIn(tenantId, grants), await api.signIn(tenantId, grants)];
  const headers = { upgrade: 'websocket', authorization: `Bearer ${greedy.token}` };
  const request = () => api.api.answer(new Request(TEST_ORIGIN + PATHS.live, { headers }), '127.0.0.1');
  const socket: Socket = { send: () => 1, close: () => {}, terminate: () => {}, getBufferedAmount: () => 0 };
  const owners: SocketOwner[] = [];
  for (let n = 0; n < UI_SOCKETS_PER_USER_MAX; n++) {
    const owner = (await request()) as SocketOwner;
    owner.opened(socket);
    owners.push(owner);
  }
  expect(((await request()) as Response).status).toBe(429);
  await Browser.open(modest);
  owners.pop()!.closed(socket, 1000, '');
  expect(await request()).not.toBeInstanceOf(Response);
  for (const owner of owners) owner.closed(socket, 1000, '');
});
