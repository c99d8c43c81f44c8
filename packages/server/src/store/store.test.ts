import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { sql } from 'kysely';
import { ALL_DEVICES } from '../domain/device-scope.ts';
import { parsePublicKey, type PublicKey } from '../domain/identity.ts';
import { createLog } from '../log.ts';
import { listAlerts } from './alert-lists.ts';
import { applyAlertEvents, waves, type AlertEvent } from './alerts.ts';
import { deleteAuthSet, listRevocations, requestAuthSet, setAuthSetStatus } from './auth-sets.ts';
import { DEBIAN_BINARIES, TEST_DATABASES, type TestDatabases } from './test-databases.ts';
import {
  deleteDevice,
  getDevice,
  getDeviceDetail,
  listDevices,
  mergeInventory,
  replaceInventories,
  updateDevice,
} from './devices.ts';
import { countFleet, listAlertGroups } from './fleet.ts';
import { listMapHouses } from './houses.ts';
import {
  applyPresence,
  endLease,
  findConnection,
  listAwayDevices,
  raiseOffline,
  reapLostHubs,
  renewLease,
  type PresenceChange,
} from './presence.ts';
import { ensureKey, listKeys } from './keys.ts';
import { isBadInput } from './errors.ts';
import { revokeLogins, touchLogin } from './logins.ts';
import { storeStatus, type StatusRow } from './status.ts';
import { openStore, type Database, type Store } from './store.ts';
import { ensureFirstTenant } from './tenants.ts';
import { countUsers, insertFirstUser, insertLogin } from './users.ts';

const hasDebian = existsSync(`${DEBIAN_BINARIES}/postgres`);
if (!hasDebian && process.env.CI === 'true')
  throw new Error(`not installed: ${DEBIAN_BINARIES}/postgres (package postgresql-15)`);

for (const server of TEST_DATABASES)
  describe.skipIf(!server.isInstalled)(`on ${server.name}`, () => {
    let databases: TestDatabases;
    let store: Store;
    let tenantId: string;
    beforeAll(async () => {
      databases = await server.start();
    }, 60_000);
    afterAll(async () => {
      await databases[Symbol.asyncDispose]();
    });
    beforeEach(async () => {
      store = await databases.open();
      tenantId = (await ensureFirstTenant(store.database)).id;
    });

    const join = async (serial: string = randomUUID()): Promise<string> => {
      const { authSet } = await requestAuthSet(store.database, tenantId, { sn: serial }, newKey());
      await setAuthSetStatus(store.database, tenantId, authSet.deviceId, authSet.id, 'accepted');
      return authSet.deviceId;
    };
    const connect = (deviceId: string, epoch: number, change: Partial<PresenceChange> = {}) =>
      applyPresence(store, [
        { deviceId, hubId: 'hub-1', epoch, connected: true, ts: new Date(), reason: null, client: null, ...change },
      ]);
    const healthOf = async (deviceId: string) =>
      (await getDevice(store.database, tenantId, ALL_DEVICES, deviceId)).health;
    const raise = (deviceId: string, messageId: number, rule = 'disk-almost-full'): AlertEvent => ({
      kind: 'raise',
      deviceId,
      messageId,
      ts: new Date(),
      source: '/data',
      rule,
      severity: 'critical',
      description: 'full',
      values: { usedPercent: 97 },
    });
    const report = (deviceId: string, tsMs: number, values: StatusRow['values']): StatusRow => ({
      tenantId,
      deviceId,
      source: '',
      tsMs,
      values,
    });
    const clear = (deviceId: string, messageId: number, rule = 'disk-almost-full'): AlertEvent => ({
      kind: 'clear',
      deviceId,
      messageId,
      ts: new Date(),
      source: '/data',
      rule,
    });

    test('a connection that breaks within a transaction fails that transaction and nothing else', async () => {
      const broken = store.database.transaction().execute(async (transaction) => {
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction);
        await sql`select pg_terminate_backend(${rows[0]!.pid}, 5000)`.execute(store.database);
        await sql`select 1`.execute(transaction);
      });
      expect(await broken.catch((error: unknown) => error)).toBeInstanceOf(Error);
      await store.ping();
    });

    test('several processes migrate one database together', async () => {
      const url = await databases.createEmpty();
      const stores = await Promise.all([1, 2, 3].map(() => openStore(url, createLog('silent'))));
      const tenants = await Promise.all(stores.map((one) => ensureFirstTenant(one.database)));
      expect(new Set(tenants.map((tenant) => tenant.id)).size).toBe(1);
      await Promise.all(stores.map((one) => one.close()));
    });

    test('every table but the system-wide ones names its tenant', async () => {
      const tables = await store.database.introspection.getTables();
      const without = tables
        .filter((table) => !table.columns.some((column) => column.name === 'tenant_id'))
        .map((table) => table.name);
      expect(without.sort()).toEqual([
        'command_keys',
        'history_marks',
        'hubs',
        'keys',
        'sign_in_attempts',
        'stored_blobs',
        'tenants',
      ]);
    });

    test('of several first administrators one is made', async () => {
      const make = (n: number) =>
        insertFirstUser(store.database, {
          id: randomUUID(),
          tenantId,
          email: `a${n}@example.com`,
          name: 'A',
          passwordHash: 'x',
          grants: [],
        });
      const made = await Promise.all([1, 2, 3].map(make));
      expect(made.filter(Boolean)).toHaveLength(1);
      expect(await countUsers(store.database)).toBe(1);
    });

    test('a key is made once, however many ask, and a tenant sees none', async () => {
      await Promise.all(
        [1, 2, 3].map((n) => ensureKey(store.database, 'signing', () => ({ id: `key-${n}`, secret: 'pem' }))),
      );
      expect(await listKeys(store.database)).toHaveLength(1);
      await ensureKey(store.database, 'sealing', () => ({ id: 'other', secret: 'bytes' }));
      expect(
        (await listKeys(store.database)).map(({ kind, isUsed }) => [kind, isUsed]).toSorted((a, b) => (a < b ? -1 : 1)),
      ).toEqual([
        ['sealing', true],
        ['signing', true],
      ]);
      const seen = await listKeys(store.of(tenantId)).catch(() => []);
      expect(seen).toEqual([]);
    });

    test('a sign-in that is revoked or expired names nobody', async () => {
      const user = await insertFirstUser(store.database, {
        id: randomUUID(),
        tenantId,
        email: 'a@example.com',
        name: 'A',
        passwordHash: 'x',
        grants: [],
      });
      const [alive, expired] = [randomUUID(), randomUUID()];
      await insertLogin(store.database, {
        id: alive,
        tenantId,
        userId: user!.id,
        expiresAt: new Date(Date.now() + 60_000),
      });
      await insertLogin(store.database, {
        id: expired,
        tenantId,
        userId: user!.id,
        expiresAt: new Date(Date.now() - 1000),
      });
      expect((await touchLogin(store.database, alive))?.userId).toBe(user!.id);
      expect(await touchLogin(store.database, expired)).toBeUndefined();
      await revokeLogins(store.database, user!.id, { id: alive });
      expect(await touchLogin(store.database, alive)).toBeUndefined();
    });

    test('the same identity and key are one auth set, whatever the order of the identity', async () => {
      const key = newKey();
      const first = await requestAuthSet(store.database, tenantId, { sn: '1', mac: 'a' }, key);
      const second = await requestAuthSet(store.database, tenantId, { mac: 'a', sn: '1' }, key);
      expect(second.authSet).toEqual(first.authSet);
      expect([first.change?.status, second.change]).toEqual(['pending', undefined]);
    });

    test('ten equal auth requests at once make one device', async () => {
      const key = newKey();
      const made = await Promise.all(
        Array.from({ length: 10 }, () => requestAuthSet(store.database, tenantId, { sn: 'same' }, key)),
      );
      expect(new Set(made.map(({ authSet }) => authSet.id)).size).toBe(1);
      expect((await listDevices(store.database, tenantId, ALL_DEVICES, { limit: 10 })).items).toHaveLength(1);
    });

    test('accepting one key rejects and revokes the others of the device', async () => {
      const { authSet: old } = await requestAuthSet(store.database, tenantId, { sn: '1' }, newKey());
      await setAuthSetStatus(store.database, tenantId, old.deviceId, old.id, 'accepted');
      const { authSet: fresh } = await requestAuthSet(store.database, tenantId, { sn: '1' }, newKey());
      expect((await getDevice(store.database, tenantId, ALL_DEVICES, old.deviceId)).status).toBe('accepted');
      const change = await setAuthSetStatus(store.database, tenantId, fresh.deviceId, fresh.id, 'accepted');
      expect(change).toEqual({ deviceId: old.deviceId, status: 'accepted', revoked: [old.id] });
      const { authSets } = await getDeviceDetail(store.database, tenantId, ALL_DEVICES, old.deviceId);
      expect(authSets.map((set) => set.status)).toEqual(['rejected', 'accepted']);
      expect((await listRevocations(store.database)).map((revocation) => revocation.authSetId)).toEqual([old.id]);
    });

    test('PostgreSQL itself shows a tenant its own rows and no others', async () => {
      const id = await join();
      await connect(id, 1);
      await applyAlertEvents(store, [raise(id, 1)]);
      const stranger = randomUUID();
      await store.database.insertInto('tenants').values({ id: stranger, name: 'Stranger' }).execute();
      const tables = await store.database.introspection.getTables();
      for (const { name, columns } of tables.filter((table) =>
        table.columns.some((column) => column.name === 'tenant_id'),
      )) {
        const count = async (database: Database) =>
          (await sql<{ count: number }>`select count(*) from ${sql.table(name)}`.execute(database)).rows[0]!.count;
        expect([name, await count(store.of(stranger))]).toEqual([name, 0]);
        expect([name, await count(store.of(tenantId))]).toEqual([name, await count(store.database)]);
        expect(columns.length).toBeGreaterThan(0);
      }
      expect(await store.of(stranger).selectFrom('tenants').select('id').execute()).toEqual([{ id: stranger }]);
      await store.of(stranger).updateTable('devices').set({ name: 'stolen' }).execute();
      await store.of(stranger).deleteFrom('devices').execute();
      expect((await getDevice(store.of(tenantId), tenantId, ALL_DEVICES, id)).name).not.toBe('stolen');
      const planted = store
        .of(stranger)
        .updateTable('devices')
        .set({ tenant_id: stranger })
        .where('id', '=', id)
        .executeTakeFirst();
      expect((await planted).numUpdatedRows).toBe(0n);
      expect(
        store
          .of(stranger)
          .insertInto('rules')
          .values({
            tenant_id: tenantId,
            key: 'k',
            severity: 'warning',
            title: '',
            description: '',
            cause: '',
            suggestion: [],
            watch: '{}',
          })
          .execute(),
      ).rejects.toThrow(/row-level security/);
    });

    test('connections change sides between tenants and the system as they are taken', async () => {
      const [mine, stranger] = [await join(), randomUUID()];
      const look = async (n: number): Promise<void> => {
        const [database, expected] = [
          [store.database, 1],
          [store.of(tenantId), 1],
          [store.of(stranger), 0],
        ][n % 3] as [Database, number];
        const rows = await database.selectFrom('devices').select('id').where('id', '=', mine).execute();
        expect(rows).toHaveLength(expected);
      };
      await Promise.all(Array.from({ length: 300 }, (_, n) => look(n)));
    });

    test('a device of another tenant is not found', async () => {
      const id = await join();
      const stranger = randomUUID();
      expect(getDevice(store.database, stranger, ALL_DEVICES, id)).rejects.toMatchObject({ code: 'not-found' });
      expect(updateDevice(store.database, stranger, id, { name: 'x' })).rejects.toMatchObject({ code: 'not-found' });
      expect(deleteDevice(store.database, stranger, id)).rejects.toMatchObject({ code: 'not-found' });
      expect(await findConnection(store.database, stranger, id)).toBeUndefined();
    });

    test('a deleted device leaves nothing but the revocation of its keys', async () => {
      const id = await join();
      await connect(id, 1);
      await storeStatus(store, [report(id, Date.now(), { a: 1 })]);
      await applyAlertEvents(store, [raise(id, 2)]);
      const revoked = await deleteDevice(store.database, tenantId, id);
      expect(revoked).toHaveLength(1);
      for (const table of ['devices', 'auth_sets', 'presence', 'status_values', 'alerts', 'alert_messages'] as const)
        expect(await store.database.selectFrom(table).selectAll().execute()).toEqual([]);
      expect(await listRevocations(store.database)).toHaveLength(1);
    });

    test('deleting the last key leaves the device without one', async () => {
      const { authSet } = await requestAuthSet(store.database, tenantId, { sn: '1' }, newKey());
      expect(await deleteAuthSet(store.database, tenantId, authSet.deviceId, authSet.id)).toMatchObject({
        status: 'noauth',
        revoked: [authSet.id],
      });
    });

    test('pages of devices neither skip nor repeat any', async () => {
      const ids = new Set(await Promise.all(Array.from({ length: 23 }, () => join())));
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await listDevices(store.database, tenantId, ALL_DEVICES, { limit: 5, cursor });
        seen.push(...page.items.map((device) => device.id));
        cursor = page.next ?? undefined;
      } while (cursor);
      expect(seen).toHaveLength(23);
      expect(new Set(seen)).toEqual(ids);
    });

    test('a search takes the beginnings of words, whatever stands between them', async () => {
      const id = await join('box_1%');
      await join('box-2');
      await updateDevice(store.database, tenantId, id, {
        name: 'Haus Lindenweg',
        tags: ['Süd'],
        location: { latitude: 48, longitude: 8 },
      });
      const find = async (search: string) =>
        (await listDevices(store.database, tenantId, ALL_DEVICES, { limit: 9, search })).items.length;
      const found = await Promise.all(['linden SÜ', 'box_1%', 'box', 'inden', '%', id, randomUUID()].map(find));
      expect(found).toEqual([1, 1, 2, 0, 2, 1, 0]);
      expect(await listMapHouses(store.database, tenantId, ALL_DEVICES)).toEqual([
        { id, latitude: 48, longitude: 8, health: 'unknown' },
      ]);
    });

    test('a cursor that is not ours is refused with its name', async () => {
      expect(
        listDevices(store.database, tenantId, ALL_DEVICES, { limit: 1, cursor: 'nonsense' }),
      ).rejects.toMatchObject({
        code: 'bad-input',
        pointer: '/query/cursor',
      });
    });

    test('an inventory is replaced as a whole and merged by name', async () => {
      const id = await join();
      await replaceInventories(store.database, [{ deviceId: id, attributes: { a: '1', b: ['2', '3'] } }]);
      await mergeInventory(store.database, [{ deviceId: id, attributes: { b: '4' } }]);
      expect((await getDeviceDetail(store.database, tenantId, ALL_DEVICES, id)).inventory).toEqual({ a: '1', b: '4' });
    });

    test('only a newer epoch changes presence', async () => {
      const id = await join();
      await connect(id, 10);
      expect((await connect(id, 9, { connected: false, reason: 'timeout' })).presence).toEqual([]);
      expect(await findConnection(store.database, tenantId, id)).toEqual({ hubId: 'hub-1', epoch: 10 });
      await connect(id, 11, { hubId: 'hub-2' });
      expect((await connect(id, 10, { connected: false, reason: 'closed' })).presence).toEqual([]);
      expect(await findConnection(store.database, tenantId, id)).toEqual({ hubId: 'hub-2', epoch: 11 });
      expect((await connect(id, 11, { hubId: 'hub-2', connected: false, reason: 'closed' })).presence).toHaveLength(1);
      expect(await findConnection(store.database, tenantId, id)).toBeUndefined();
      expect((await connect(id, 11, { hubId: 'hub-2' })).presence).toEqual([]);
    });

    test('presence ends as the newest connection did, in whatever order and batches it is told', async () => {
      const histories = fc.array(fc.record({ epoch: fc.integer({ min: 1, max: 6 }), connected: fc.boolean() }), {
        minLength: 1,
        maxLength: 12,
      });
      await fc.assert(
        fc.asyncProperty(histories, fc.integer({ min: 1, max: 4 }), async (history, batchSize) => {
          const id = await join();
          const changes = history.map(({ epoch, connected }) => ({
            deviceId: id,
            hubId: 'h',
            epoch,
            connected,
            ts: new Date(),
            reason: connected ? null : ('closed' as const),
            client: null,
          }));
          for (let at = 0; at < changes.length; at += batchSize)
            await applyPresence(store, changes.slice(at, at + batchSize));
          const newest = Math.max(...history.map((change) => change.epoch));
          const isConnected = history.filter((change) => change.epoch === newest).every((change) => change.connected);
          expect((await getDevice(store.database, tenantId, ALL_DEVICES, id)).connected).toBe(isConnected);
        }),
        { numRuns: 15, seed: 20261122 },
      );
    });

    test("a lost hub's devices are disconnected by one statement, a living hub's stay", async () => {
      const [lost, alive] = [await join(), await join()];
      await renewLease(store.database, 'hub-alive', 60_000);
      await connect(lost, 1, { hubId: 'hub-lost' });
      await connect(alive, 1, { hubId: 'hub-alive' });
      expect((await reapLostHubs(store)).map((change) => [change.deviceId, change.reason])).toEqual([
        [lost, 'hub-lost'],
      ]);
      expect((await getDevice(store.database, tenantId, ALL_DEVICES, alive)).connected).toBe(true);
      await endLease(store.database, 'hub-alive');
      expect(await reapLostHubs(store)).toHaveLength(1);
    });

    test('a hub that was thought lost gets its devices back, but not those that are elsewhere by now', async () => {
      const [here, elsewhere] = [await join(), await join()];
      expect(await renewLease(store.database, 'hub-1', 60_000)).toBe(false);
      expect(await renewLease(store.database, 'hub-1', 60_000)).toBe(true);
      expect(await renewLease(store.database, 'hub-1', -1)).toBe(true);
      await connect(here, 1);
      await connect(elsewhere, 1);
      expect(await reapLostHubs(store)).toHaveLength(2);
      await connect(elsewhere, 2, { hubId: 'hub-2', connected: false, reason: 'closed' });
      expect(await renewLease(store.database, 'hub-1', 60_000)).toBe(false);
      expect((await connect(here, 1)).presence.map((change) => change.connected)).toEqual([true]);
      expect((await connect(elsewhere, 1)).presence).toEqual([]);
      expect(await findConnection(store.database, tenantId, here)).toEqual({ hubId: 'hub-1', epoch: 1 });
    });

    test('a gateway that stays away has one offline alert until it is back', async () => {
      const id = await join();
      await connect(id, 1);
      await connect(id, 1, { connected: false, reason: 'timeout', ts: new Date(Date.now() - 60_000) });
      const describe = () => ({ description: 'away', values: {} });
      const wait = { afterMs: 30_000, restartMs: 30_000, limit: 10 };
      const away = await listAwayDevices(store.database, wait);
      expect(away.map((device) => device.deviceId)).toEqual([id]);
      const outcome = await raiseOffline(store, away, describe);
      expect([outcome.alerts.length, outcome.health[0]?.health]).toEqual([1, 'offline']);
      expect((await raiseOffline(store, away, describe)).alerts).toEqual([]);
      expect(await listAwayDevices(store.database, wait)).toEqual([]);
      const back = await connect(id, 2);
      expect([back.alerts[0]?.change, back.health[0]?.health]).toEqual(['closed', 'ok']);
      expect((await raiseOffline(store, away, describe)).alerts).toEqual([]);
    });

    test('an alert turns the house red and its clearing green, in the same transaction', async () => {
      const id = await join();
      await connect(id, 1);
      const raised = await applyAlertEvents(store, [raise(id, 1)]);
      expect([raised.alerts[0]?.change, raised.health[0]?.health, await healthOf(id)]).toEqual([
        'opened',
        'critical',
        'critical',
      ]);
      const { items } = await listAlerts(store.database, tenantId, ALL_DEVICES, { state: 'open', limit: 5 });
      expect(items[0]).toMatchObject({ title: 'Disk almost full', source: '/data', count: 1, closedAt: null });
      expect(items[0]!.suggestion.length).toBeGreaterThan(0);
      expect((await listAlertGroups(store.database, tenantId, ALL_DEVICES))[0]).toMatchObject({
        rule: 'disk-almost-full',
        devices: 1,
      });
      const cleared = await applyAlertEvents(store, [clear(id, 2)]);
      expect([cleared.alerts[0]?.change, await healthOf(id)]).toEqual(['closed', 'ok']);
    });

    test('ten thousand equal raises are one alert with a count, and a repeated message none', async () => {
      const id = await join();
      const events = Array.from({ length: 10_000 }, (_, n) => raise(id, n));
      await Promise.all([applyAlertEvents(store, events.slice(0, 5000)), applyAlertEvents(store, events.slice(5000))]);
      expect((await applyAlertEvents(store, events)).alerts).toEqual([]);
      const { items } = await listAlerts(store.database, tenantId, ALL_DEVICES, { limit: 5 });
      expect(items.map((alert) => alert.count)).toEqual([10_000]);
    });

    test('raises and clears leave what the last of each cause says, in whatever batches they come', async () => {
      const rules = ['disk-almost-full', 'memory-pressure', 'service-down'];
      const steps = fc.array(fc.record({ rule: fc.constantFrom(...rules), up: fc.boolean(), again: fc.boolean() }), {
        minLength: 1,
        maxLength: 20,
      });
      await fc.assert(
        fc.asyncProperty(steps, fc.integer({ min: 1, max: 7 }), async (history, batchSize) => {
          const id = await join();
          const events = history.flatMap(({ rule, up, again }, n) => {
            const event = up ? raise(id, n, rule) : clear(id, n, rule);
            return again ? [event, event] : [event];
          });
          for (let at = 0; at < events.length; at += batchSize)
            await applyAlertEvents(store, events.slice(at, at + batchSize));
          const open = rules.filter((rule) => history.findLast((step) => step.rule === rule)?.up);
          const { items } = await listAlerts(store.database, tenantId, ALL_DEVICES, {
            deviceId: id,
            state: 'open',
            limit: 50,
          });
          expect(items.map((alert) => alert.rule).sort()).toEqual(open.sort());
          expect(await healthOf(id)).toBe(open.length > 0 ? 'critical' : 'unknown');
        }),
        { numRuns: 15, seed: 20261122 },
      );
    });

    test('opposite batches on the same devices neither deadlock nor lose an alert', async () => {
      const ids = await Promise.all(Array.from({ length: 20 }, () => join()));
      await Promise.all([
        applyAlertEvents(
          store,
          ids.map((id, n) => raise(id, n)),
        ),
        applyAlertEvents(
          store,
          ids.toReversed().map((id, n) => raise(id, 100 + n, 'memory-pressure')),
        ),
        applyPresence(
          store,
          ids.map((deviceId) => ({
            deviceId,
            hubId: 'h',
            epoch: 1,
            connected: true,
            ts: new Date(),
            reason: null,
            client: null,
          })),
        ),
      ]);
      expect((await countFleet(store.database, tenantId, ALL_DEVICES)).health.critical).toBe(20);
      expect((await listAlerts(store.database, tenantId, ALL_DEVICES, { limit: 100 })).items).toHaveLength(40);
    });

    test("what PostgreSQL refuses is told apart from PostgreSQL's absence", async () => {
      const bad = await storeStatus(store, [report('no uuid', 0, { a: 1 })]).catch((error: unknown) => error);
      expect(isBadInput(bad)).toBe(true);
      expect(isBadInput(new Error('connect ECONNREFUSED'))).toBe(false);
    });
  });

test('a wave holds each cause once, and repeats in a row are folded', () => {
  const event = (kind: 'raise' | 'clear', rule: string) =>
    ({ kind, rule, deviceId: 'd', source: '', ts: new Date() }) as AlertEvent;
  const kinds = waves([event('raise', 'a'), event('raise', 'a'), event('clear', 'a'), event('raise', 'b')]).map(
    (wave) => wave.map(({ event, count }) => [event.kind, event.rule, count]),
  );
  expect(kinds).toEqual([
    [
      ['raise', 'a', 2],
      ['raise', 'b', 1],
    ],
    [['clear', 'a', 1]],
  ]);
});

function newKey(): PublicKey {
  return parsePublicKey(generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }).toString());
}
