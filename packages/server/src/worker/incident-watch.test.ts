/** Incidents on a real database: a fleet of 6,000 houses, of which 2,000 are around Milan. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { sql } from 'kysely';
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
import { createIncidentWatch } from './incident-watch.ts';
import { createSnoozeWatch } from './snooze-watch.ts';

const BASEMAP = join(import.meta.dir, '../../../ui/dist-basemap');
const MILAN_HOUSES = 2000;
const bus = createMemoryBus({ onError: () => {} });

let databases: TestDatabases;
let store: Store;
let tenantId: string;
let milan: string[];
/** All over Europe; every tenth has firmware 2.1, of all others none. */
let elsewhere: { id: string; firmware: string }[];

beforeAll(async () => {
  databases = await startEmbeddedDatabases();
  store = await databases.open();
  tenantId = (await ensureFirstTenant(store.database)).id;
  await sql`
    insert into devices (id, tenant_id, identity, identity_hash, status, name, address, latitude, longitude, health, client, inventory)
    select gen_random_uuid(), ${tenantId}::uuid, jsonb_build_object('sn', n), decode(lpad(to_hex(n), 64, '0'), 'hex'), 'accepted',
      'House ' || n, 'Street ' || n, case when n <= ${MILAN_HOUSES}::int then 45.46 + (random() - 0.5) * 0.3 else 37 + random() * 17 end,
      case when n <= ${MILAN_HOUSES}::int then 9.19 + (random() - 0.5) * 0.4 else random() * 20 end, 'ok', 'nice-smart-client 1.0',
      jsonb_build_object('device_type', 'gateway', 'artifact_name', case when n > ${MILAN_HOUSES}::int and n % 10 = 0 then '2.1' else '2.0' end)
    from generate_series(1, ${3 * MILAN_HOUSES}::int) as n`.execute(store.database);
  await sql`insert into presence (device_id, tenant_id, hub_id, epoch, connected, changed_at)
    select id, tenant_id, 'hub', 1, true, now() from devices`.execute(store.database);
  await sql`analyze devices`.execute(store.database);
  const houses = await sql<{ id: string; isMilan: boolean; firmware: string }>`
    select id, (identity ->> 'sn')::int <= ${MILAN_HOUSES} as "isMilan", inventory ->> 'artifact_name' as firmware
    from devices order by (identity ->> 'sn')::int`.execute(store.database);
  milan = houses.rows.filter(({ isMilan }) => isMilan).map(({ id }) => id);
  elsewhere = houses.rows.filter(({ isMilan }) => !isMilan);
}, 60_000);
beforeEach(async () => {
  await sql`delete from alerts`.execute(store.database);
  await sql`delete from incidents`.execute(store.database);
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
  await raise(
    elsewhere.slice(0, 3).map(({ id }) => id),
    OFFLINE_RULE,
  );
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
  const loose = await sql<{ count: number }>`select count(*) from alerts where incident_id is null`.execute(
    store.database,
  );
  expect(loose.rows[0]!.count).toBe(3);
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
  const ids = elsewhere.filter(({ firmware }) => firmware === '2.1').map(({ id }) => id);
  await raise(ids.slice(0, 40), 'memory-pressure');
  await turn();
  await raise(ids.slice(40, 400), 'memory-pressure');
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
  await raise(
    elsewhere.filter((_, at) => at % 10 === 0).map(({ id }) => id),
    'memory-pressure',
  );
  await raise(
    elsewhere.filter((_, at) => at % 10 === 1).map(({ id }) => id),
    'memory-pressure',
  );
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
  const count = async () => {
    const { rows } = await sql<{ state: string; houses: number; red: number }>`
      select state, count(*) as houses, count(*) filter (where health = 'offline') as red
      from alerts join devices on devices.id = device_id group by state order by state`.execute(store.database);
    return rows;
  };
  expect(await count()).toEqual([
    { state: 'open', houses: 50, red: 50 },
    { state: 'snoozed', houses: 10, red: 0 },
  ]);
  await sql`update alerts set snoozed_until = now() where snoozed_until is not null`.execute(store.database);
  await createSnoozeWatch({ store, bus })();
  expect(await count()).toEqual([
    { state: 'acknowledged', houses: 10, red: 10 },
    { state: 'open', houses: 50, red: 50 },
  ]);
}, 60_000);

test('gateways of one provider that go away everywhere are an outage of its network', async () => {
  const ids = elsewhere.filter((_, at) => at % 50 === 0).map(({ id }) => id);
  await sql`update presence set network = '203.0.0.0/16' where device_id = any(${ids}::uuid[])`.execute(store.database);
  await raise(ids, OFFLINE_RULE);
  await turn();
  expect((await incidents()).map(({ title }) => title)).toEqual([
    'Possible outage of the network 203.0.0.0/16 · 80 houses',
  ]);
}, 60_000);
