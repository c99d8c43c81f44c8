/** Lists of devices: their orders, and that each page of a large tenant is read from an index. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { ALL_DEVICES } from '../domain/device-scope.ts';
import { listAlerts } from './alert-lists.ts';
import type { DeviceSort } from './device-order.ts';
import { listDevices, type DeviceQuery } from './devices.ts';
import { generateFleet } from './generated-fleet.ts';
import { plansOf } from './plans.ts';
import type { Store } from './store.ts';
import { ensureFirstTenant } from './tenants.ts';
import { TEST_DATABASES, type TestDatabases } from './test-databases.ts';

const DEVICES = 20_000;
const SORTS: readonly DeviceSort[] = ['createdAt', 'name', 'health', 'connectionChangedAt'];

for (const server of TEST_DATABASES)
  describe.skipIf(!server.isInstalled)(`on ${server.name}`, () => {
    let databases: TestDatabases;
    let store: Store;
    let tenantId: string;
    beforeAll(async () => {
      databases = await server.start();
      store = await databases.open();
      tenantId = (await ensureFirstTenant(store.database)).id;
      await generateFleet(store.database, tenantId, DEVICES);
    }, 180_000);
    afterAll(async () => {
      await databases[Symbol.asyncDispose]();
    });

    const list = (query: Partial<DeviceQuery>) =>
      listDevices(store.of(tenantId), tenantId, ALL_DEVICES, { limit: 50, ...query });

    test('every order is kept from page to page in both directions, and loses and repeats none', async () => {
      for (const sort of SORTS)
        for (const direction of ['asc', 'desc'] as const) {
          const whole = await list({ sort, direction, limit: 120 });
          const pages: string[] = [];
          for (let cursor: string | undefined; pages.length < 120;) {
            const page = await list({ sort, direction, limit: 40, cursor });
            pages.push(...page.items.map(({ id }) => id));
            cursor = page.next ?? undefined;
          }
          expect([sort, direction, pages]).toEqual([sort, direction, whole.items.map(({ id }) => id)]);
        }
    });

    test('orders are what they say', async () => {
      const first = async (sort: DeviceSort, direction: 'asc' | 'desc') =>
        (await list({ sort, direction, limit: 1 })).items[0]!;
      expect((await first('health', 'asc')).health).toBe('critical');
      expect((await first('health', 'desc')).health).toBe('unknown');
      expect((await first('name', 'asc')).name.localeCompare((await first('name', 'desc')).name)).toBe(-1);
      const [newest, oldest] = [await first('connectionChangedAt', 'desc'), await first('connectionChangedAt', 'asc')];
      expect(newest.connectionChangedAt! > oldest.connectionChangedAt!).toBe(true);
    });

    test('a cursor goes with its own order', async () => {
      const { next } = await list({ sort: 'name', limit: 1 });
      for (const cursor of [next!, 'nonsense', Buffer.from('["createdAt","x","y"]').toString('base64url')])
        expect(await list({ sort: 'createdAt', cursor }).catch((error: { code: string }) => error.code)).toBe(
          'bad-input',
        );
    });

    test('no page of a list reads or sorts the whole table, under row-level security too', async () => {
      const deep = async (query: Partial<DeviceQuery>) => (await list({ ...query, limit: 200 })).next ?? undefined;
      const queries: Partial<DeviceQuery>[] = [
        ...SORTS.flatMap((sort) => (['asc', 'desc'] as const).map((direction) => ({ sort, direction }))),
        ...SORTS.map((sort) => ({ sort, status: 'accepted' as const })),
        { health: 'critical' },
        { health: 'ok', sort: 'name' },
        { status: 'pending' },
        { placed: false },
        { placed: true },
        { search: 'lindenweg 4711' },
        { search: 'haus' },
        { search: 'sn-000123' },
        { search: 'gibtesnicht' },
        { search: randomUUID() },
        { rule: 'disk-almost-full' },
        { rule: 'no-such-rule' },
      ];
      const wide: string[] = [];
      for (const query of queries) {
        const cursor = await deep(query);
        for (const one of cursor === undefined ? [query] : [query, { ...query, cursor }]) {
          const { plans } = await plansOf(store, tenantId, (database) =>
            listDevices(database, tenantId, ALL_DEVICES, { limit: 50, ...one }),
          );
          for (const plan of plans)
            if (plan.rowsRead > 2_000 || plan.scansWhole.length > 0)
              wide.push(`${JSON.stringify(one)}: ${plan.rowsRead} rows, ${plan.scansWhole.join()}`);
        }
      }
      expect(wide).toEqual([]);
    }, 120_000);

    test('lists of alerts are read from an index as well', async () => {
      const wide: string[] = [];
      for (const query of [
        {},
        { state: 'open' },
        { state: 'closed' },
        { rule: 'disk-almost-full' },
        { state: 'open', rule: 'disk-almost-full' },
      ] as const) {
        const { result, plans } = await plansOf(store, tenantId, (database) =>
          listAlerts(database, tenantId, ALL_DEVICES, { limit: 50, ...query }),
        );
        expect(result.items).toHaveLength(50);
        for (const plan of plans)
          if (plan.rowsRead > 2_000 || plan.scansWhole.length > 0)
            wide.push(`${JSON.stringify(query)}: ${plan.rowsRead} rows, ${plan.scansWhole.join()}`);
      }
      expect(wide).toEqual([]);
    }, 60_000);

    test('what a device is found by follows its changes and goes with it', async () => {
      const count = async (): Promise<number> =>
        (
          await sql<{ count: number }>`select count(*) as count from device_words where device_id = ${item.id}`.execute(
            store.database,
          )
        ).rows[0]!.count;
      const item = (await list({ search: 'haus', limit: 1 })).items[0]!;
      await sql`update devices set name = 'Umbenannt', tags = '{Kühl-Haus}' where id = ${item.id}`.execute(
        store.database,
      );
      const found = async (search: string) => (await list({ search })).items.map(({ id }) => id);
      expect(await found('umben kühl')).toEqual([item.id]);
      await sql`delete from devices where id = ${item.id}`.execute(store.database);
      expect([await found('umben'), await count()]).toEqual([[], 0]);
    });
  });
