import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import { parsePublicKey } from '../domain/identity.ts';
import { METRICS_PER_SOURCE_MAX, SOURCES_PER_DEVICE_MAX } from '../limits.ts';
import { createLog } from '../log.ts';
import { requestAuthSet, setAuthSetStatus } from './auth-sets.ts';
import { migrations } from './migrations/list.ts';
import { SYSTEM, scopedPool } from './scope.ts';
import { listStatusValues, storeStatus, type StatusRow } from './status.ts';
import { openStore, type Store } from './store.ts';
import { TEST_DATABASES, type TestDatabases } from './test-databases.ts';
import { ensureFirstTenant } from './tenants.ts';

for (const { name, isInstalled, start } of TEST_DATABASES)
  describe.skipIf(!isInstalled)(`status on ${name}`, () => {
    let databases: TestDatabases;
    let store: Store;
    let tenantId: string;
    beforeAll(async () => {
      databases = await start();
    }, 60_000);
    afterAll(async () => {
      await databases[Symbol.asyncDispose]();
    });
    beforeEach(async () => {
      store = await databases.open();
      tenantId = (await ensureFirstTenant(store.database)).id;
    });

    const join = async (): Promise<string> => {
      const { publicKey } = generateKeyPairSync('ed25519');
      const key = parsePublicKey(publicKey.export({ format: 'pem', type: 'spki' }).toString());
      const { authSet } = await requestAuthSet(store.database, tenantId, { sn: randomUUID() }, key);
      await setAuthSetStatus(store.database, tenantId, authSet.deviceId, authSet.id, 'accepted');
      return authSet.deviceId;
    };
    const report = (deviceId: string, tsMs: number, values: StatusRow['values'], source = ''): StatusRow => ({
      tenantId,
      deviceId,
      source,
      tsMs,
      values,
    });
    const known = async (deviceId: string) =>
      (await listStatusValues(store.database, tenantId, deviceId)).map(
        ({ source, name, value, ts }) => [source, name, value, Date.parse(ts)] as const,
      );

    test('of each metric the newest value is kept, in whatever order reports come', async () => {
      const id = await join();
      await storeStatus(store, [report(id, 5000, { a: 5, b: true }), report(id, 3000, { a: 3, c: 'x' })]);
      await storeStatus(store, [report(id, 4000, { a: 4, b: false, c: 'y', d: 1 })]);
      await storeStatus(store, [report(id, 6000, { e: 6 }, 'oven-1'), report(id, 6000, { d: 2 })]);
      expect(await known(id)).toEqual([
        ['', 'a', 5, 5000],
        ['', 'b', true, 5000],
        ['', 'c', 'y', 4000],
        ['', 'd', 2, 6000],
        ['oven-1', 'e', 6, 6000],
      ]);
    });

    test('a report that is stored again changes nothing', async () => {
      const id = await join();
      const [first, second] = [report(id, 1000, { a: 1, 'with "quotes" and \\': 'é "\\' }), report(id, 2000, { a: 2 })];
      await storeStatus(store, [first, second]);
      const before = await known(id);
      await storeStatus(store, [first]);
      await storeStatus(store, [second, first]);
      expect(await known(id)).toEqual(before);
    });

    test('reports of a device that is gone are dropped, those of others stored', async () => {
      const id = await join();
      await storeStatus(store, [report(randomUUID(), 1, { a: 1 }), report(id, 1, { a: 1 })]);
      expect(await known(id)).toEqual([['', 'a', 1, 1]]);
      const { rows } = await sql`select from status_values`.execute(store.database);
      expect(rows).toHaveLength(1);
    });

    test('a source has so many metrics and no more, and those it has go on', async () => {
      const id = await join();
      const many = (from: number, count: number, value: number) =>
        Object.fromEntries(Array.from({ length: count }, (_, at) => [`m${from + at}`, value]));
      expect(await storeStatus(store, [report(id, 1, many(0, METRICS_PER_SOURCE_MAX - 10, 1))])).toEqual([]);
      const refusal = { deviceId: id, source: '', excess: 'metrics' } as const;
      expect(await storeStatus(store, [report(id, 2, many(METRICS_PER_SOURCE_MAX - 20, 40, 2))])).toEqual([refusal]);
      const metrics = await known(id);
      expect(metrics).toHaveLength(METRICS_PER_SOURCE_MAX);
      expect(metrics.filter(([, , value]) => value === 2)).toHaveLength(20);
      expect(await storeStatus(store, [report(id, 3, { m0: 3 })])).toEqual([]);
      expect((await known(id))[0]).toEqual(['', 'm0', 3, 3]);
      const other = await join();
      expect(await storeStatus(store, [report(other, 1, many(0, METRICS_PER_SOURCE_MAX + 1, 1))])).toEqual([
        { ...refusal, deviceId: other },
      ]);
      expect(await known(other)).toHaveLength(METRICS_PER_SOURCE_MAX);
    });

    test('a device has so many sources and no more, and those it has go on', async () => {
      const id = await join();
      const reports = Array.from({ length: SOURCES_PER_DEVICE_MAX + 2 }, (_, at) => report(id, 1, { a: 1 }, `s${at}`));
      await storeStatus(store, reports.slice(0, SOURCES_PER_DEVICE_MAX - 1));
      const refused = await storeStatus(store, reports);
      expect(refused).toHaveLength(2);
      expect(refused[0]).toMatchObject({ deviceId: id, excess: 'sources' });
      expect(await known(id)).toHaveLength(SOURCES_PER_DEVICE_MAX);
      expect(await storeStatus(store, [report(id, 2, { a: 2 }, 's0')])).toEqual([]);
      expect((await known(id))[0]).toEqual(['s0', 'a', 2, 2]);
    });

    test('batches that hold the same devices in other orders do not deadlock', async () => {
      const ids = await Promise.all(Array.from({ length: 20 }, join));
      await Promise.all(
        Array.from({ length: 10 }, (_, at) => {
          const reports = ids.map((id) => report(id, at, { a: at }));
          return storeStatus(store, at % 2 === 0 ? reports : reports.toReversed());
        }),
      );
      for (const id of ids) expect(await known(id)).toEqual([['', 'a', 9, 9]]);
    });

    test('rows of one metric each become rows of one source each', async () => {
      const url = await databases.createEmpty();
      const pool = new pg.Pool({ connectionString: url });
      const database = new Kysely<never>({ dialect: new PostgresDialect({ pool: scopedPool(pool, SYSTEM, true) }) });
      const migrator = new Migrator({ db: database, provider: { getMigrations: () => Promise.resolve(migrations) } });
      await migrator.migrateTo('0010-sensors');
      const [tenant, device] = [randomUUID(), randomUUID()];
      await sql`insert into tenants (id, name) values (${tenant}, 'old')`.execute(database);
      for (const [source, metric, value, ts] of [
        ['', 'a', '1.5', '2026-11-01T00:00:00.123Z'],
        ['', 'b', '"x"', '2026-11-02T00:00:00Z'],
        ['oven', 'a', 'true', '2026-11-03T00:00:00Z'],
      ])
        await sql`insert into status_values (device_id, source, metric, tenant_id, value, ts)
        values (${device}, ${source}, ${metric}, ${tenant}, ${value}::jsonb, ${ts})`.execute(database);
      await pool.end();
      await using migrated = await openStore(url, createLog('silent'));
      expect(await listStatusValues(migrated.database, tenant, device)).toEqual([
        { source: '', name: 'a', value: 1.5, ts: '2026-11-01T00:00:00.123Z' },
        { source: '', name: 'b', value: 'x', ts: '2026-11-02T00:00:00.000Z' },
        { source: 'oven', name: 'a', value: true, ts: '2026-11-03T00:00:00.000Z' },
      ]);
    });
  });
