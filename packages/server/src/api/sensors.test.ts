import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { Sensor } from '@lovely/api';
import type { SensorDescription } from '@lovely/protocol';
import { SPOOL_IDS_SPAN } from '../limits.ts';
import { applyAlertEvents } from '../store/alerts.ts';
import { generateFleet } from '../store/generated-fleet.ts';
import { storeTopologies } from '../store/sensors.ts';
import { storeStatus } from '../store/status.ts';
import { startTestApi, type SignedIn, type TestApi } from './test-api.ts';

let api: TestApi;
let viewer: SignedIn;
let deviceIds: string[];
let deviceId: string;
beforeAll(async () => {
  api = await startTestApi();
  const { firstTenantId, store } = api.context;
  viewer = await api.signIn(firstTenantId, [{ roleId: 'viewer', groupIds: null }]);
  await generateFleet(store.database, firstTenantId, 12);
  deviceIds = (await store.database.selectFrom('devices').select('id').execute()).map(({ id }) => id);
}, 60_000);
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(() => {
  deviceId = deviceIds.pop()!;
});

const sensor = (id: string, more: Partial<SensorDescription> = {}): SensorDescription => ({
  id,
  kind: 'heating',
  name: '',
  model: 'H-1',
  serial: '',
  firmware: '1.0',
  place: '',
  ...more,
});
const tell = (messageId: number, sensors: SensorDescription[]) =>
  storeTopologies(api.context.store, [{ deviceId, messageId, sensors }]);
async function list(who = viewer, id = deviceId): Promise<Sensor[]> {
  const answer = await api.call(who.token, 'GET', `/api/v1/devices/${id}/sensors`);
  return ((await answer.json()) as { items: Sensor[] }).items;
}
const known = async () => (await list()).map(({ id, firmware, removedAt }) => [id, firmware, removedAt === null]);

test('a house has the sensors that it told of last; one it tells of no more is kept as removed', async () => {
  await tell(1, [sensor('a'), sensor('b')]);
  await tell(2, [sensor('b', { firmware: '2.0' }), sensor('c')]);
  expect(await known()).toEqual([
    ['b', '2.0', true],
    ['c', '1.0', true],
    ['a', '1.0', false],
  ]);
  await tell(3, [sensor('a')]);
  expect((await known())[0]).toEqual(['a', '1.0', true]);
});

test('of sensors that are gone, those are known that went last, however many there were', async () => {
  const message = (at: number) =>
    tell(
      at,
      Array.from({ length: 256 }, (_, nth) => sensor(`s-${at}-${nth}`)),
    );
  for (const at of [1, 2, 3, 4]) await message(at);
  const of = (at: number) => items.filter(({ id }) => id.startsWith(`s-${at}-`)).length;
  const items = await list();
  expect([of(1), of(2), of(3), of(4)]).toEqual([0, 256, 256, 256]);
});

test('an older message that comes later changes nothing, one of a device that counts anew does', async () => {
  const before = SPOOL_IDS_SPAN * 3;
  await tell(before, [sensor('new')]);
  expect(await tell(before - 1, [sensor('old')])).toEqual([]);
  expect(await tell(before, [sensor('again')])).toEqual([]);
  expect(await known()).toEqual([['new', '1.0', true]]);
  expect(await tell(5, [sensor('anew')])).toHaveLength(1);
  expect((await known())[0]).toEqual(['anew', '1.0', true]);
});

test('of several messages in one batch the newest counts, and an id that stands twice is one sensor', async () => {
  const { store } = api.context;
  await storeTopologies(store, [
    { deviceId, messageId: 8, sensors: [sensor('x'), sensor('x', { name: 'second' })] },
    { deviceId, messageId: 7, sensors: [sensor('y')] },
    { deviceId: randomUUID(), messageId: 1, sensors: [sensor('z')] },
  ]);
  expect((await list()).map(({ id, name }) => [id, name])).toEqual([['x', 'second']]);
});

test('a sensor shows its own last values and its worst open problem', async () => {
  await tell(1, [sensor('boiler'), sensor('silent')]);
  const ts = Date.now();
  const { store, firstTenantId: tenantId } = api.context;
  await storeStatus(store, [
    { tenantId, deviceId, tsMs: ts, source: 'boiler', values: { 'pressure.bar': 0.4, 'burner.state': 'fault' } },
    { tenantId, deviceId, tsMs: ts, source: '', values: { 'load.1m': 1 } },
  ]);
  const raise = {
    kind: 'raise' as const,
    description: 'low',
    values: {},
    deviceId,
    ts: new Date(ts),
    source: 'boiler',
  };
  await applyAlertEvents(store, [
    { ...raise, rule: 'a', severity: 'warning' },
    { ...raise, rule: 'b', severity: 'critical' },
  ]);
  const [boiler, silent] = await list();
  expect(boiler).toMatchObject({
    id: 'boiler',
    health: 'critical',
    openAlerts: 2,
    values: { 'pressure.bar': 0.4, 'burner.state': 'fault' },
    reportedAt: new Date(ts).toISOString(),
  });
  expect(silent).toMatchObject({ id: 'silent', health: 'unknown', openAlerts: 0, values: {}, reportedAt: null });
});

test('models are counted over the houses that the person may see', async () => {
  const model = { kind: 'own kind', model: randomUUID() };
  await tell(1, [sensor('a', model), sensor('b', model), sensor('c', { ...model, firmware: '2' })]);
  deviceId = deviceIds.pop()!;
  await tell(1, [sensor('a', model)]);
  const models = async (who: SignedIn) => {
    const answer = await api.call(who.token, 'GET', '/api/v1/sensor-models');
    const { items } = (await answer.json()) as { items: { model: string; sensors: number; devices: number }[] };
    return items.filter((item) => item.model === model.model).map((item) => [item.sensors, item.devices]);
  };
  expect(await models(viewer)).toEqual([
    [3, 2],
    [1, 1],
  ]);
  const nowhere = [{ roleId: 'viewer', groupIds: [randomUUID()] }];
  expect(await models(await api.signIn(api.context.firstTenantId, nowhere))).toEqual([]);
});
