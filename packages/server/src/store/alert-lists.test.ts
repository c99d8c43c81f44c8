/** Lists of many alerts: what the filters find, and that each page is read from an index. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { ALL_DEVICES } from '../domain/device-scope.ts';
import { listAlertFacets } from './alert-facets.ts';
import { listAlerts, type AlertFilter } from './alert-lists.ts';
import { plansOf } from './plans.ts';
import type { Store } from './store.ts';
import { ensureFirstTenant } from './tenants.ts';
import { startEmbeddedDatabases, type TestDatabases } from './test-databases.ts';

const DEVICES = 8000;
const ALERTS = 40_000;
const NOW = Date.now();

let databases: TestDatabases;
let store: Store;
let tenantId: string;
let deviceId: string;
let userId: string;
let incidentId: string;
beforeAll(async () => {
  databases = await startEmbeddedDatabases();
  store = await databases.open();
  const { database } = store;
  tenantId = (await ensureFirstTenant(database)).id;
  userId = randomUUID();
  await sql`insert into users (id, tenant_id, email, name, password_hash) values (${userId}, ${tenantId}, 'ada@example.com', 'Ada', '')`.execute(
    database,
  );
  await sql`insert into devices (id, tenant_id, identity, identity_hash, status, name, inventory)
    select gen_random_uuid(), ${tenantId}::uuid, jsonb_build_object('sn', n), decode(lpad(to_hex(n), 64, '0'), 'hex'), 'accepted',
      'Haus Lindenweg ' || n, jsonb_build_object('packages', repeat('x', 1000)) from generate_series(1, ${DEVICES}::int) as n`.execute(
    database,
  );
  const { rows } = await sql<{ id: string }>`
    insert into incidents (tenant_id, rule, kind, severity) values (${tenantId}, 'memory-pressure', 'place', 'warning') returning id`.execute(
    database,
  );
  incidentId = rows[0]!.id;
  // Nine of ten are closed; of the others some are acknowledged, snoozed, assigned, and part of an incident.
  await sql`
    insert into alerts (id, tenant_id, device_id, source, rule, severity, description, values, opened_at, closed_at,
      acknowledged_at, snoozed_until, assignee_id, incident_id)
    select gen_random_uuid(), ${tenantId}::uuid, house.id, 's' || n, case when n % 500 = 0 then 'memory-pressure' else 'disk-almost-full' end,
      case when n % 300 = 0 then 'warning' else 'critical' end, '', '{}', ${new Date(NOW)}::timestamptz - n * interval '1 second',
      case when n % 10 <> 0 then now() end, case when n % 70 = 0 then now() end, case when n % 110 = 0 then now() + interval '1 day' end,
      case when n % 1300 = 0 then ${userId}::uuid end, case when n % 500 = 0 then ${incidentId}::uuid end
    from generate_series(1, ${ALERTS}::int) as n
    join (select id, row_number() over () as nth from devices) as house on house.nth = n % ${DEVICES}::int + 1`.execute(
    database,
  );
  ({ id: deviceId } = await database
    .selectFrom('devices')
    .select('id')
    .where('name', '=', 'Haus Lindenweg 4')
    .executeTakeFirstOrThrow());
  for (const table of ['alerts', 'devices', 'device_words', 'incidents'])
    await sql`vacuum analyze ${sql.table(table)}`.execute(database);
}, 120_000);
afterAll(() => databases[Symbol.asyncDispose]());

const list = (filter: Partial<AlertFilter>) =>
  listAlerts(store.of(tenantId), tenantId, ALL_DEVICES, { limit: 50, ...filter });
async function all(filter: Partial<AlertFilter>): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined; ;) {
    const { items, next } = await list({ ...filter, cursor, limit: 500 });
    ids.push(...items.map(({ id }) => id));
    if (next === null) return ids;
    cursor = next;
  }
}

test('the filters find what they name, and pages neither skip nor repeat any', async () => {
  const found = await Promise.all(
    (['open', 'acknowledged', 'snoozed', 'active'] as const).map(async (state) => (await all({ state })).length),
  );
  expect(found[0]! + found[1]! + found[2]!).toBe(found[3]!);
  expect(found[3]).toBe(ALERTS / 10);
  expect(new Set(await all({ state: 'active' })).size).toBe(ALERTS / 10);
  expect(await all({ incidentId })).toHaveLength(ALERTS / 500);
  expect(await all({ assigneeId: userId, state: 'active' })).toHaveLength(Math.floor(ALERTS / 1300));
  expect(await all({ search: 'memory' })).toHaveLength(ALERTS / 500);
  expect(await all({ search: 'lindenweg 4', state: 'active', deviceId })).toEqual(
    await all({ state: 'active', deviceId }),
  );
  expect(await all({ search: 'gibtesnicht' })).toEqual([]);
  expect(await all({ since: new Date(NOW - 100_000) })).toHaveLength(100);
});

test('facets count what there is', async () => {
  const { counts, rules, assignees } = await listAlertFacets(store.of(tenantId), tenantId, ALL_DEVICES, {
    userId,
    state: 'active',
  });
  expect(counts.open + counts.acknowledged + counts.snoozed).toBe(ALERTS / 10);
  expect([counts.mine, counts.closed]).toEqual([Math.floor(ALERTS / 1300), 10_000]);
  expect(rules.map(({ rule, alerts }) => [rule, alerts])).toEqual([
    ['disk-almost-full', ALERTS / 10 - ALERTS / 500],
    ['memory-pressure', ALERTS / 500],
  ]);
  expect(assignees).toEqual([{ id: userId, name: 'Ada', alerts: counts.mine }]);
  const none = { counts: { open: 0, acknowledged: 0, snoozed: 0, mine: 0, closed: 0 }, rules: [], severities: [] };
  const nowhere = { kind: 'some', groups: [] } as const;
  expect(await listAlertFacets(store.of(tenantId), tenantId, nowhere, { userId, state: 'closed' })).toEqual({
    ...none,
    assignees: [],
  });
});

test('no page reads or sorts the whole table, under row-level security too', async () => {
  const filters: Partial<AlertFilter>[] = [
    {},
    ...(['open', 'acknowledged', 'snoozed', 'closed', 'active'] as const).map((state) => ({ state })),
    { state: 'open', severity: 'warning' },
    { state: 'active', severity: 'critical' },
    { state: 'open', rule: 'memory-pressure' },
    { state: 'closed', rule: 'disk-almost-full' },
    { rule: 'no-such-rule' },
    { deviceId },
    { deviceId, state: 'active' },
    { assigneeId: userId },
    { assigneeId: userId, state: 'active' },
    { assigneeId: null, state: 'open' },
    { incidentId, state: 'active' },
    { incidentId: randomUUID() },
    { search: 'lindenweg' },
    { search: 'lindenweg 2711', state: 'active' },
    { search: 'gibtesnicht', state: 'open' },
    { search: randomUUID() },
    { since: new Date(NOW - 60_000) },
    { since: new Date(NOW + 60_000), state: 'closed' },
  ];
  const wide: string[] = [];
  for (const filter of filters) {
    const { next } = await list({ ...filter, limit: 200 });
    for (const one of next === null ? [filter] : [filter, { ...filter, cursor: next }]) {
      const { plans } = await plansOf(store, tenantId, (database) =>
        listAlerts(database, tenantId, ALL_DEVICES, { limit: 50, ...one }),
      );
      for (const plan of plans) {
        // Rules and people of a tenant are few.
        const scans = plan.scansWhole.filter((table) => table !== 'rules' && table !== 'users');
        // The active alerts of an incident may be looked for among all active ones.
        const rowsMax = one.incidentId === undefined ? 2_100 : ALERTS / 10;
        if (plan.rowsRead > rowsMax || scans.length > 0)
          wide.push(`${JSON.stringify(one)}: ${plan.rowsRead} rows, ${scans.join()}`);
      }
    }
  }
  expect(wide).toEqual([]);
}, 60_000);
