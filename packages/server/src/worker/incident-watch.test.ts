/** Incidents on a real database: a fleet of 6,000 houses, of which 2,000 are around Milan. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import type { Incident } from '@lovely/api';
import { createMemoryBus } from '../bus/memory.ts';
import { eventAny, type Event } from '../bus/subjects.ts';
import { subscribeTo } from '../bus/topic.ts';
import { OFFLINE_RULE } from '../domain/default-rules.ts';
import { ALL_DEVICES } from '../domain/device-scope.ts';
import { placesIn } from '../places.ts';
import { applyAlertEvents, type AlertEvent } from '../store/alerts.ts';
import { getIncident, listIncidents, setIncident } from '../store/incidents.ts';
import type { Store } from '../store/store.ts';
import { ensureFirstTenant } from '../store/tenants.ts';
import { startEmbeddedDatabases, type TestDatabases } from '../store/test-databases.ts';
import { countStates, makeOutageFleet } from '../store/test-outage.ts';
import { createIncidentWatch } from './incident-watch.ts';
import { createSnoozeWatch } from './snooze-watch.ts';

const BASEMAP = join(import.meta.dir, '../../../ui/dist-basemap');
const bus = createMemoryBus({ onError: () => {} });

let databases: TestDatabases;
let store: Store;
let tenantId: string;
let milan: string[];
let elsewhere: string[];
let withFirmware: string[];
beforeAll(async () => {
  databases = await startEmbeddedDatabases();
  store = await databases.open();
  tenantId = (await ensureFirstTenant(store.database)).id;
  ({ milan, elsewhere, withFirmware } = await makeOutageFleet(store.database, tenantId, 2000));
}, 60_000);
beforeEach(async () => {
  await store.database.deleteFrom('alerts').execute();
  await store.database.deleteFrom('incidents').execute();
});
afterAll(async () => {
  await databases[Symbol.asyncDispose]();
});

const event = (deviceId: string, rule: string) => ({ deviceId, rule, source: '', ts: new Date() });
const raise = (ids: readonly string[], rule: string) =>
  applyAlertEvents(
    store,
    ids.map((id): AlertEvent => ({
      ...event(id, rule),
      kind: 'raise',
      severity: 'critical',
      description: rule,
      values: {},
    })),
  );
const clear = (ids: readonly string[], rule: string) =>
  applyAlertEvents(
    store,
    ids.map((id) => ({ ...event(id, rule), kind: 'clear' })),
  );
/** One turn of a worker of its own: the next turn of the same one may be left out. */
const turn = () => createIncidentWatch({ store, bus, places: () => placesIn(BASEMAP) })();
const incidents = async (): Promise<Incident[]> =>
  (await listIncidents(store.of(tenantId), tenantId, ALL_DEVICES, { limit: 100 })).items;

test('an outage of thousands of houses is one incident, however they come, and other problems there stay apart', async () => {
  const told: Event<'incident'>[] = [];
  const subscription = subscribeTo(bus, eventAny('incident'), (events) => void told.push(...events));
  for (const [from, to] of [
    [0, 12],
    [12, 700],
    [700, 2000],
  ]) {
    await raise(milan.slice(from, to), OFFLINE_RULE);
    await turn();
  }
  await raise(milan.slice(0, 30), 'disk-almost-full');
  // A few are always missed somewhere.
  await raise(elsewhere.slice(0, 40), OFFLINE_RULE);
  await turn();
  const [disk, outage, ...others] = await incidents();
  expect(others).toEqual([]);
  expect(outage).toMatchObject({
    title: 'Possible power or provider outage · 2,000 houses around Milan',
    kind: 'outage',
    state: 'open',
    houses: 2000,
    housesLastHour: 2000,
    severity: 'critical',
  });
  expect(outage!.suggestion[0]).toContain('power company');
  expect(outage!.radiusKm).toBeLessThan(30);
  expect(disk).toMatchObject({ rule: 'disk-almost-full', houses: 30, where: 'around Milan', kind: 'place' });
  expect(told.filter(({ change }) => change === 'opened')).toHaveLength(2);
  const loose = await store.database.selectFrom('alerts').select('id').where('incident_id', 'is', null).execute();
  expect(loose.length).toBeGreaterThan(30);
  const { series } = await getIncident(store.of(tenantId), tenantId, ALL_DEVICES, outage!.id);
  expect(series.at(-1)!.houses).toBe(2000);

  await clear(milan, OFFLINE_RULE);
  await turn();
  const over = (await incidents()).find(({ id }) => id === outage!.id);
  expect(over).toMatchObject({ state: 'closed', houses: 0, housesMax: 2000 });
  await raise(milan.slice(0, 5), OFFLINE_RULE);
  await turn();
  const again = (await incidents()).find(({ id }) => id === outage!.id);
  expect(again).toMatchObject({ state: 'open', houses: 5 });
  expect((await incidents()).length).toBe(2);
  await subscription.close();
}, 60_000);

test('houses all over the continent with one firmware are one incident, which says so', async () => {
  await raise(withFirmware.slice(0, 40), 'memory-pressure');
  await turn();
  await raise(withFirmware.slice(40, 400), 'memory-pressure');
  await turn();
  const [incident, ...others] = await incidents();
  expect(others).toEqual([]);
  expect(incident).toMatchObject({
    title: 'Memory almost full · 400 houses with firmware 2.1',
    kind: 'trait',
    where: '',
    houses: 400,
  });
  expect(incident!.traits[0]).toMatchObject({ attribute: 'firmware', value: '2.1', share: 1 });
  expect(incident!.traits[0]!.fleetShare).toBeCloseTo(0.067, 2);
}, 60_000);

test('what began in single places and turns out to be everywhere becomes one incident', async () => {
  await raise(milan.slice(0, 60), 'memory-pressure');
  await turn();
  expect((await incidents()).map(({ kind }) => kind)).toEqual(['place']);
  const everywhere = elsewhere.filter((_, at) => at % 5 === 0);
  await raise(everywhere, 'memory-pressure');
  await turn();
  const [incident, ...others] = await incidents();
  expect(others).toEqual([]);
  expect(incident).toMatchObject({ kind: 'fleet', houses: 860 });
}, 60_000);

test('workers that look at the same time make one incident', async () => {
  await raise(milan.slice(0, 500), OFFLINE_RULE);
  await Promise.all([turn(), turn(), turn()]);
  await turn();
  expect((await incidents()).map(({ houses }) => houses)).toEqual([500]);
}, 60_000);

test('houses that join an incident are acknowledged and snoozed as it is, until the snooze is over', async () => {
  await raise(milan.slice(0, 50), OFFLINE_RULE);
  await turn();
  const { id } = (await incidents())[0]!;
  const user = crypto.randomUUID();
  const until = new Date(Date.now() + 3600_000).toISOString();
  await setIncident(store.database, tenantId, id, { kind: 'acknowledge' }, user);
  await setIncident(store.database, tenantId, id, { kind: 'snooze', until }, user);
  await raise(milan.slice(50, 60), OFFLINE_RULE);
  await turn();
  expect(await countStates(store.database)).toEqual([
    { state: 'open', houses: 50, offline: 50 },
    { state: 'snoozed', houses: 10, offline: 0 },
  ]);
  await store.database
    .updateTable('alerts')
    .set({ snoozed_until: new Date() })
    .where('snoozed_until', 'is not', null)
    .execute();
  await createSnoozeWatch({ store, bus })();
  expect(await countStates(store.database)).toEqual([
    { state: 'acknowledged', houses: 10, offline: 10 },
    { state: 'open', houses: 50, offline: 50 },
  ]);
}, 60_000);

test('gateways of one provider that go away everywhere are an outage of its network', async () => {
  const ids = elsewhere.filter((_, at) => at % 50 === 0);
  await store.database.updateTable('presence').set({ network: '203.0.0.0/16' }).where('device_id', 'in', ids).execute();
  await raise(ids, OFFLINE_RULE);
  await turn();
  expect((await incidents()).map(({ title }) => title)).toEqual([
    'Possible outage of the network 203.0.0.0/16 · 80 houses',
  ]);
}, 60_000);
