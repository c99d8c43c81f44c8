/** History: what is written comes back, rolled up exactly, in partitions that come and go, under row-level security. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { ALL_DEVICES } from '../domain/device-scope.ts';
import { HISTORY_RETENTION_DAYS } from '../domain/history.ts';
import { deleteDevice } from './devices.ts';
import { generateFleet } from './generated-fleet.ts';
import { insertGroup } from './groups.ts';
import { appendHistory, readGroupHistory, readHistory, type HistoryReport } from './history.ts';
import { deleteHistories } from './history-deletions.ts';
import { keepPartitions } from './history-partitions.ts';
import { rollUp } from './history-rollups.ts';
import { streamHistory, type HistorySample } from './history-stream.ts';
import { plansOf } from './plans.ts';
import { storeStatus } from './status.ts';
import type { Store } from './store.ts';
import { ensureFirstTenant, insertTenant } from './tenants.ts';
import { TEST_DATABASES, type TestDatabases } from './test-databases.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

for (const server of TEST_DATABASES)
  describe.skipIf(!server.isInstalled)(`on ${server.name}`, () => {
    let databases: TestDatabases;
    let store: Store;
    let tenantId: string;
    let deviceIds: string[];
    /** The beginning of an hour that is over. */
    let hourMs: number;
    beforeAll(async () => {
      databases = await server.start();
    }, 60_000);
    afterAll(async () => {
      await databases[Symbol.asyncDispose]();
    });
    beforeEach(async () => {
      store = await databases.open();
      tenantId = (await ensureFirstTenant(store.database)).id;
      await generateFleet(store.database, tenantId, 3);
      deviceIds = (await store.database.selectFrom('devices').select('id').orderBy('id').execute()).map(({ id }) => id);
      hourMs = Math.floor(Date.now() / HOUR) * HOUR - 2 * HOUR;
    });

    const append = (...reports: [atMs: number, values: HistoryReport['values'], source?: string, device?: number][]) =>
      storeStatus(
        store,
        reports.map(([tsMs, values, source = '', device = 0]) => ({
          tenantId,
          deviceId: deviceIds[device]!,
          source,
          tsMs,
          values,
        })),
      );
    const rollAllUp = async () => [
      await rollUp(store, '5min', HISTORY_RETENTION_DAYS),
      await rollUp(store, '1h', HISTORY_RETENTION_DAYS),
    ];
    const rowsOf = async (table: 'status_history' | 'status_history_5min' | 'status_history_1h') =>
      (
        await store.database
          .selectFrom(table)
          .select(['source', 'ts', 'values'])
          .orderBy('source')
          .orderBy('ts')
          .execute()
      ).map((row) => ({ ...row, ts: row.ts.getTime() }));
    const read = (fromMs: number, toMs: number, points: number, metrics: string[] = [], source = '') =>
      readHistory(
        store.of(tenantId),
        tenantId,
        { deviceId: deviceIds[0]!, source, metrics },
        { fromMs, toMs, points },
        { nowMs: Date.now() },
      );
    const partitions = async (table = 'status_history') =>
      (
        await sql<{ name: string }>`select inhrelid::regclass::text as name from pg_inherits
          where inhparent = ${table}::regclass order by 1`.execute(store.database)
      ).rows.map(({ name }) => name);

    test('reports are kept once, of the same moment as one, and not of devices that are gone', async () => {
      await append([hourMs, { a: 1, b: 'x' }], [hourMs, { c: true }], [hourMs + 1, { a: 2 }, 'plug-1']);
      await append([hourMs, { a: 1, b: 'x' }], [hourMs, { d: 4 }]);
      await appendHistory(store.database, [{ deviceId: randomUUID(), source: '', tsMs: hourMs, values: { a: 1 } }]);
      expect(await rowsOf('status_history')).toEqual([
        { source: '', ts: hourMs, values: { a: 1, b: 'x', c: true, d: 4 } },
        { source: 'plug-1', ts: hourMs + 1, values: { a: 2 } },
      ]);
    });

    test('times that no partition is for are stored all the same', async () => {
      await keepPartitions(store, HISTORY_RETENTION_DAYS, Date.now());
      await append([0, { a: 1 }], [-5, { b: 1 }], [Date.now() + 400 * DAY, { a: 1 }]);
      expect(await rowsOf('status_history')).toHaveLength(2);
    });

    test('numbers and states are rolled up into 5 minutes and hours', async () => {
      await append(
        [hourMs + MINUTE, { load: 3, door: 'open', on: true }],
        [hourMs + 2 * MINUTE, { load: 1, door: 'closed' }],
        [hourMs + 3 * MINUTE, { load: 2, door: 'open', on: false }],
        [hourMs + 7 * MINUTE, { load: -1.5, door: 'jammed' }],
      );
      expect(await rollAllUp()).toEqual([2, 1]);
      expect(await rowsOf('status_history_5min')).toEqual([
        {
          source: '',
          ts: hourMs,
          values: {
            load: [3, 1, 3, 6, 2, 180],
            door: { last: 'open', counts: { open: 2, closed: 1 } },
            on: { last: false, counts: { true: 1, false: 1 } },
          },
        },
        {
          source: '',
          ts: hourMs + 5 * MINUTE,
          values: { load: [1, -1.5, -1.5, -1.5, -1.5, 120], door: { last: 'jammed', counts: { jammed: 1 } } },
        },
      ]);
      expect(await rowsOf('status_history_1h')).toEqual([
        {
          source: '',
          ts: hourMs,
          values: {
            load: [4, -1.5, 3, 4.5, -1.5, 420],
            door: { last: 'jammed', counts: { open: 2, closed: 1, jammed: 1 } },
            on: { last: false, counts: { true: 1, false: 1 } },
          },
        },
      ]);
    });

    test('numbers as large as can be are no obstacle', async () => {
      await append(...[1, 2, 3].map((at): [number, { a: number }] => [hourMs + at, { a: Number.MAX_VALUE }]));
      await append([hourMs, { b: Number.MIN_VALUE, c: Number.NaN }]);
      expect(await rollAllUp()).toEqual([1, 1]);
    });

    test('rolling up again computes nothing, and a late report only its bucket', async () => {
      await append([hourMs + MINUTE, { a: 1 }], [hourMs + 20 * MINUTE, { a: 5 }]);
      expect(await rollAllUp()).toEqual([2, 1]);
      expect(await rollAllUp()).toEqual([0, 0]);
      await append([hourMs + 2 * MINUTE, { a: 3 }]);
      expect(await rollAllUp()).toEqual([1, 1]);
      expect((await rowsOf('status_history_5min')).map(({ values }) => values.a)).toEqual([
        [2, 1, 3, 4, 3, 120],
        [1, 5, 5, 5, 5, 0],
      ]);
      expect((await rowsOf('status_history_1h')).map(({ values }) => values.a)).toEqual([[3, 1, 5, 9, 5, 1200]]);
    });

    test('what a transaction writes that ends late is rolled up after it has ended', async () => {
      await append([hourMs - HOUR, { a: 1 }, 'slow']);
      let finish = (): void => undefined;
      const mayEnd = new Promise<void>((resolve) => (finish = resolve));
      let hasWritten = (): void => undefined;
      const written = new Promise<void>((resolve) => (hasWritten = resolve));
      const slow = store.database.transaction().execute(async (transaction) => {
        await appendHistory(transaction, [{ deviceId: deviceIds[0]!, source: 'slow', tsMs: hourMs, values: { a: 1 } }]);
        hasWritten();
        await mayEnd;
      });
      await written;
      await append([hourMs, { a: 2 }, 'fast']);
      await rollUp(store, '5min', HISTORY_RETENTION_DAYS);
      finish();
      await slow;
      await rollUp(store, '5min', HISTORY_RETENTION_DAYS);
      expect((await rowsOf('status_history_5min')).map(({ source }) => source)).toEqual(['fast', 'slow', 'slow']);
    });

    test('two workers that roll up at once do it once', async () => {
      await append(
        ...Array.from({ length: 50 }, (_, at): [number, { a: number }] => [hourMs + at * MINUTE, { a: at }]),
      );
      const buckets = await Promise.all([
        rollUp(store, '5min', HISTORY_RETENTION_DAYS),
        rollUp(store, '5min', HISTORY_RETENTION_DAYS),
      ]);
      expect(Math.max(...buckets)).toBe(10);
      expect(await rowsOf('status_history_5min')).toHaveLength(10);
    });

    test('a bucket whose reports are partly gone keeps what was made of all of them', async () => {
      const oldMs = Math.floor((Date.now() - 8 * DAY) / HOUR) * HOUR;
      await append([oldMs, { a: 1 }]);
      await rollUp(store, '5min', { ...HISTORY_RETENTION_DAYS, raw: 30 });
      await store.database.deleteFrom('status_history').execute();
      await append([oldMs + MINUTE, { a: 9 }]);
      expect(await rollUp(store, '5min', HISTORY_RETENTION_DAYS)).toBe(0);
      expect((await rowsOf('status_history_5min')).map(({ values }) => values.a)).toEqual([[1, 1, 1, 1, 1, 0]]);
    });

    test('a database that was restored elsewhere rolls up again', async () => {
      await append([hourMs, { a: 1 }]);
      await store.database
        .updateTable('history_marks')
        .set({ rolled_up_to: 2 ** 50 })
        .execute();
      await rollAllUp();
      await append([hourMs + 5 * MINUTE, { a: 2 }]);
      expect(await rollAllUp()).toEqual([1, 1]);
      expect(await rowsOf('status_history_5min')).toHaveLength(2);
    });

    test('partitions are made ahead and for what came before them, and old ones are dropped', async () => {
      const nowMs = Date.UTC(2026, 10, 22, 23, 30);
      await append([nowMs - 3 * DAY, { a: 1 }], [nowMs, { a: 2 }], [nowMs - 9 * DAY, { a: 0 }]);
      await keepPartitions(store, HISTORY_RETENTION_DAYS, nowMs);
      const names = ['default', 'p20261119', 'p20261122', 'p20261123', 'p20261124'];
      expect(await partitions()).toEqual(names.map((name) => `status_history_${name}`));
      expect((await rowsOf('status_history')).map(({ values }) => values.a)).toEqual([1, 2]);
      expect(await sql`select from status_history_default`.execute(store.database)).toMatchObject({ rows: [] });
      await keepPartitions(store, HISTORY_RETENTION_DAYS, nowMs);
      expect(await partitions()).toHaveLength(5);
      await keepPartitions(store, HISTORY_RETENTION_DAYS, nowMs + 6 * DAY);
      expect(await partitions()).not.toContain('status_history_p20261119');
      expect((await rowsOf('status_history')).map(({ values }) => values.a)).toEqual([2]);
      expect((await partitions('status_history_5min')).length).toBeGreaterThan(3);
    });

    test('two workers that look after partitions at once do it once', async () => {
      await append([hourMs, { a: 1 }]);
      await Promise.all([1, 2, 3].map(() => keepPartitions(store, HISTORY_RETENTION_DAYS, Date.now())));
      expect((await rowsOf('status_history')).length).toBe(1);
    });

    test('rows of another tenant are not seen, neither through the table nor in its partitions', async () => {
      const other = await insertTenant(store.database, { name: 'other', limits: {} });
      await append([hourMs, { a: 1 }]);
      await keepPartitions(store, HISTORY_RETENTION_DAYS, Date.now());
      await append([hourMs - 400 * DAY, { a: 1 }]);
      await rollAllUp();
      const tables = [
        'status_history',
        'status_history_5min',
        ...(await partitions()),
        ...(await partitions('status_history_5min')),
      ];
      const counts = async (database: Store['database']) =>
        await Promise.all(
          tables.map(async (table) => {
            const count = sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(database);
            return await count.then(
              ({ rows }) => rows[0]!.count,
              (error: Error) => error.message,
            );
          }),
        );
      const own = await counts(store.of(tenantId));
      expect(own.slice(0, 2)).toEqual([2, 1]);
      for (const count of await counts(store.of(other.id))) expect([0, 'denied']).toContain(isDenied(count));
      const asOwner = await readHistory(
        store.of(other.id),
        tenantId,
        { deviceId: deviceIds[0]!, source: '', metrics: [] },
        { fromMs: hourMs - HOUR, toMs: Date.now(), points: 10 },
        { nowMs: Date.now() },
      );
      expect(asOwner.series).toEqual([]);
      expect(
        await appendHistory(store.of(other.id), [
          { deviceId: deviceIds[0]!, source: '', tsMs: hourMs + 1, values: { a: 1 } },
        ]).then(() => rowsOf('status_history')),
      ).toHaveLength(2);
    });

    test('every partition has row-level security of its own, also for the owner of the tables', async () => {
      await append([hourMs, { a: 1 }]);
      await keepPartitions(store, HISTORY_RETENTION_DAYS, Date.now());
      const { rows } = await sql<{ name: string; policies: number; isForced: boolean }>`
        select relname as name, relrowsecurity and relforcerowsecurity as "isForced",
          (select count(*)::int from pg_policy where polrelid = pg_class.oid) as policies
        from pg_class where relname like 'status\\_history%' and relkind in ('r', 'p')`.execute(store.database);
      expect(rows.length).toBeGreaterThan(12);
      expect(rows.filter(({ policies, isForced }) => policies !== 1 || !isForced)).toEqual([]);
    });

    test('a deleted device leaves no history behind', async () => {
      await append([hourMs, { a: 1 }], [hourMs, { a: 1 }, '', 1]);
      await rollAllUp();
      await deleteDevice(store.database, tenantId, deviceIds[0]!);
      expect(await deleteHistories(store)).toBe(0);
      expect(await deleteHistories(store, -1)).toBe(1);
      await rollAllUp();
      for (const table of ['status_history', 'status_history_5min', 'status_history_1h'] as const)
        expect(
          (await store.database.selectFrom(table).select('device_id').execute()).map((row) => row.device_id),
        ).toEqual([deviceIds[1]!]);
      expect(await store.database.selectFrom('deleted_histories').selectAll().execute()).toEqual([]);
    });

    test('charts are made of the table that fits: reports, 5 minutes, hours', async () => {
      await append(
        ...Array.from({ length: 120 }, (_, at): [number, HistoryReport['values']] => [
          hourMs + at * MINUTE,
          { 'load.1m': at, 'network.eth0.sentBytes': at * 60_000, 'oven.state': at < 60 ? 'idle' : 'baking' },
        ]),
      );
      await rollAllUp();
      const toMs = hourMs + 2 * HOUR;
      const raw = await read(hourMs, toMs, 120, ['load.1m']);
      expect([raw.resolution, raw.stepMs, raw.times.length]).toEqual(['raw', MINUTE, 120]);
      expect(raw.series).toHaveLength(1);
      expect(raw.series[0]).toMatchObject({ metric: 'load.1m', kind: 'number', isRate: false });
      const five = await read(toMs - DAY, toMs, 288);
      expect([five.resolution, five.stepMs, five.times.length]).toEqual(['5min', 5 * MINUTE, 24]);
      expect(five.series[0]).toMatchObject({ mean: { 0: 2, 1: 7 }, min: { 0: 0 }, max: { 0: 4 } });
      // A kilobyte a second, also over the border of buckets.
      expect(five.series[1]).toMatchObject({ isRate: true, mean: { 0: null, 1: 1000, 23: 1000 } });
      expect(five.series[2]).toMatchObject({ kind: 'state', last: { 0: 'idle', 23: 'baking' }, counts: { idle: 60 } });
      const hours = await read(toMs - 30 * DAY, toMs, 500);
      expect([hours.resolution, hours.stepMs]).toEqual(['1h', 2 * HOUR]);
      const old = await read(toMs - 20 * DAY, toMs - 20 * DAY + HOUR, 500);
      expect([old.resolution, old.stepMs]).toEqual(['5min', 5 * MINUTE]);
    });

    test('percentiles of a group are over its devices that one may see', async () => {
      for (const device of [0, 1, 2])
        await append(
          [hourMs, { 'load.1m': device * 10, 'network.eth0.sentBytes': 0 }, '', device],
          [hourMs + 5 * MINUTE, { 'load.1m': device * 10, 'network.eth0.sentBytes': 300 * device }, '', device],
        );
      await rollAllUp();
      const group = { id: randomUUID(), name: 'some', description: '', filter: null };
      await insertGroup(store.database, tenantId, group);
      await sql`insert into group_devices (group_id, device_id, tenant_id)
        select ${group.id}, id, tenant_id from devices where id <> ${deviceIds[1]!}::uuid`.execute(store.database);
      const of = (metric: string) => ({ group: { id: group.id, kind: 'static' } as const, source: '', metric });
      const range = { fromMs: hourMs, toMs: hourMs + HOUR, points: 12 };
      const options = { nowMs: Date.now() };
      const spread = await readGroupHistory(store.of(tenantId), tenantId, ALL_DEVICES, of('load.1m'), range, options);
      expect(spread).toMatchObject({
        resolution: '5min',
        devices: 2,
        sampled: 2,
        times: [hourMs, hourMs + 5 * MINUTE],
        counts: [2, 2],
        p5: [1, 1],
        p50: [10, 10],
        p95: [19, 19],
      });
      const sent = of('network.eth0.sentBytes');
      const rates = await readGroupHistory(store.of(tenantId), tenantId, ALL_DEVICES, sent, range, options);
      expect(rates).toMatchObject({ isRate: true, times: [hourMs + 5 * MINUTE], p50: [1] });
      const nobody = { kind: 'some', groups: [] } as const;
      const none = await readGroupHistory(store.of(tenantId), tenantId, nobody, of('load.1m'), range, options);
      expect(none).toMatchObject({ devices: 0, times: [] });
    });

    test('one metric of many devices is streamed in pages, in the order of time, until the limit', async () => {
      await append(
        ...Array.from({ length: 20 }, (_, at): [number, HistoryReport['values'], string, number] => [
          hourMs + (20 - at) * MINUTE,
          { 'disk./.usedPercent': at, 'disk./var.usedPercent': at, other: 1 },
          '',
          at % 2,
        ]),
      );
      await rollAllUp();
      const stream = async (metric: string, resolution: 'raw' | '5min', rowsMax?: number) => {
        const samples: HistorySample[] = [];
        const options = { deviceIds: deviceIds.slice(0, 2), metric, resolution, fromMs: hourMs, toMs: Date.now() };
        const pages = streamHistory(store.of(tenantId), tenantId, { ...options, take: 'max' }, rowsMax);
        for (;;) {
          const { done, value } = await pages.next();
          if (done) return { samples, isCut: value.isCut };
          samples.push(...value);
        }
      };
      const { samples, isCut } = await stream('disk.*.usedPercent', 'raw');
      expect([samples.length, isCut]).toEqual([40, false]);
      const first = samples.filter(({ deviceId }) => deviceId === deviceIds[0]).map(({ tsMs }) => tsMs);
      expect(first).toEqual(first.toSorted((a, b) => a - b));
      expect((await stream('disk./.usedPercent', 'raw', 5)).isCut).toBe(true);
      expect((await stream('other', 'raw')).samples).toHaveLength(20);
      expect((await stream('disk./.usedPercent', '5min')).samples.map(({ value }) => value).slice(0, 2)).toEqual([
        18, 14,
      ]);
    });

    test('charts read their rows alone, from the partitions of their days, under row-level security', async () => {
      // Whatever the day is, partitions are full that are looked at: PostgreSQL reads a nearly empty one as a whole.
      const nowMs = Math.floor(Date.now() / (28 * DAY)) * 28 * DAY - 6 * HOUR;
      for (const [table, every, count] of [
        ['status_history', '1 minute', 1500],
        ['status_history_1h', '1 hour', 60 * 24],
      ] as const)
        await sql`insert into ${sql.table(table)} (tenant_id, device_id, source, ts, values)
          select tenant_id, id, '', ${new Date(nowMs)}::timestamptz - n * ${every}::interval, '{"load.1m": [1, 1, 1, 1, 1, 0]}'
          from (select tenant_id, id from devices
            union all select ${tenantId}::uuid, gen_random_uuid() from generate_series(1, 6)) as devices,
            generate_series(1, ${count}::int) as n`.execute(store.database);
      await keepPartitions(store, HISTORY_RETENTION_DAYS, nowMs);
      await sql`analyze status_history, status_history_1h`.execute(store.database);
      const chart = async (hours: number) =>
        await plansOf(store, tenantId, (database) =>
          readHistory(
            database,
            tenantId,
            { deviceId: deviceIds[0]!, source: '', metrics: ['load.1m'] },
            { fromMs: nowMs - hours * HOUR, toMs: nowMs, points: 500 },
            { nowMs },
          ),
        );
      const [day, month] = [await chart(6), await chart(30 * 24)];
      expect([day.result.resolution, day.result.times.length]).toEqual(['raw', 360]);
      expect([month.result.resolution, month.result.times.length]).toEqual(['1h', 360]);
      for (const [{ plans }, rows, partitionsMax] of [
        [day, 400, 1],
        [month, 724, 3],
      ] as const)
        for (const plan of plans) {
          expect(plan.scansWhole).toEqual([]);
          expect(plan.rowsRead).toBeLessThan(rows);
          expect(plan.tables.filter((table) => !/^status_history(_1h)?_p\d{8}$/.test(table))).toEqual([]);
          expect(plan.tables.length).toBeLessThanOrEqual(partitionsMax);
        }
    }, 30_000);
  });

function isDenied(count: number | string): number | string {
  return typeof count === 'string' && count.includes('permission denied') ? 'denied' : count;
}
