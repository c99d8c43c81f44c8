import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { sql } from 'kysely';
import { BUILT_IN_ROLES, PERMISSION_NAMES, PERMISSIONS, type Permission } from '@lovely/api';
import { ALL_DEVICES } from '../domain/device-scope.ts';
import { listAlerts } from './alert-lists.ts';
import { countDevices, isDeviceIn, listDeviceRecords, listDevices } from './devices.ts';
import { countFleet, listAlertGroups } from './fleet.ts';
import { listGroups } from './groups.ts';
import { findMapHouses, listMapHouses } from './houses.ts';
import type { Store } from './store.ts';
import { DEBIAN_BINARIES, TEST_DATABASES, type TestDatabases } from './test-databases.ts';
import { allowed, isMember, passes, type PlainDevice, type PlainGroup, type PlainRole } from './test-scope.ts';
import { findUser, insertUser } from './users.ts';
import { compileFilter } from './device-filter.ts';

const hasDebian = existsSync(`${DEBIAN_BINARIES}/postgres`);
if (!hasDebian && process.env.CI === 'true')
  throw new Error(`not installed: ${DEBIAN_BINARIES}/postgres (package postgresql-15)`);

const TEXTS = [
  '',
  'a',
  'b',
  'ab',
  'abab',
  'Ä',
  'ß',
  '😀',
  '\uffff',
  'a\nb',
  'house 7',
  '"',
  '\\',
  '[]',
  '0',
  '7',
  '07',
  '-7',
  '10',
  '9.5',
  '9.50',
  '1e3',
  '1'.repeat(31),
];
const ATTRIBUTES = ['kernel', 'mac', 'a', "it's", 'status'];
const REGEXES = ['a', '^a', 'b$', '^$', '[0-9]+', 'a|7', 'h.use', '(ab)+', 'a.b', '^.$', '[^a]'];

const text = fc.constantFrom(...TEXTS);
const attribute = fc.constantFrom(...ATTRIBUTES);
const value = fc.oneof({ weight: 3, arbitrary: text }, { weight: 1, arbitrary: fc.array(text, { maxLength: 3 }) });
const attributes = fc.dictionary(attribute, value, { maxKeys: 3 });
const devicesArbitrary = fc.array(
  fc.record({
    name: text,
    address: text,
    status: fc.constantFrom('accepted', 'pending', 'rejected'),
    health: fc.constantFrom('ok', 'warning', 'critical', 'unknown'),
    tags: fc.uniqueArray(
      fc.oneof(
        attribute,
        fc.tuple(attribute, text).map((pair) => pair.join('=')),
      ),
      { maxLength: 3 },
    ),
    identity: attributes,
    inventory: attributes,
    isPlaced: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

const place = fc.oneof(
  fc.record({ scope: fc.constantFrom('identity' as const, 'inventory' as const, 'tags' as const), attribute }),
  fc.record({
    scope: fc.constant('system' as const),
    attribute: fc.constantFrom('name', 'address', 'health', 'created_ts'),
  }),
);
const question = fc.oneof(
  fc.record({
    type: fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'),
    value: fc.oneof(text, fc.integer({ min: -8, max: 11 }), fc.boolean(), fc.constant(9.5)),
  }),
  fc.record({ type: fc.constantFrom('$in', '$nin'), value: fc.array(text, { maxLength: 4 }) }),
  fc.record({ type: fc.constant('$exists'), value: fc.boolean() }),
  fc.record({ type: fc.constant('$regex'), value: fc.constantFrom(...REGEXES) }),
);
const condition = fc.tuple(place, question).map(([where, what]) => ({ ...where, ...what }));
const filter = fc.record({ all: fc.array(condition, { minLength: 1, maxLength: 3 }) });

const places = fc.array(fc.nat({ max: 30 }), { maxLength: 6 });
const groupsArbitrary = fc.array(fc.record({ filter: fc.option(filter), members: places }), { maxLength: 5 });
const rolesArbitrary = fc.array(fc.uniqueArray(fc.constantFrom<Permission>(...PERMISSION_NAMES), { maxLength: 5 }), {
  maxLength: 2,
});
const grantsArbitrary = fc.array(fc.record({ role: fc.nat({ max: 30 }), groups: fc.option(places) }), { maxLength: 4 });

for (const server of TEST_DATABASES)
  describe.skipIf(!server.isInstalled)(`on ${server.name}`, () => {
    let databases: TestDatabases;
    let store: Store;
    beforeAll(async () => {
      databases = await server.start();
      store = await databases.open();
    }, 60_000);
    afterAll(async () => {
      await databases[Symbol.asyncDispose]();
    });

    async function makeTenant(): Promise<string> {
      const id = randomUUID();
      await store.database.insertInto('tenants').values({ id, name: id }).execute();
      return id;
    }

    async function makeDevices(
      tenantId: string,
      generated: readonly (Omit<PlainDevice, 'id' | 'createdAt'> & { isPlaced: boolean })[],
    ): Promise<(PlainDevice & { isPlaced: boolean })[]> {
      const devices = generated.map((device, at) => ({
        ...device,
        id: randomUUID(),
        createdAt: new Date(1.7e12 + at),
      }));
      for (const { isPlaced, createdAt, ...device } of devices) {
        await store.database
          .insertInto('devices')
          .values({
            ...device,
            tags: [...device.tags],
            tenant_id: tenantId,
            identity: JSON.stringify(device.identity),
            inventory: JSON.stringify(device.inventory),
            identity_hash: Buffer.from(device.id),
            status: device.status as 'accepted',
            health: device.health as 'ok',
            latitude: isPlaced ? 1 : null,
            longitude: isPlaced ? 1 : null,
            created_at: createdAt,
          })
          .execute();
        await sql`insert into alerts (id, tenant_id, device_id, source, rule, severity, description, values, opened_at)
          values (${randomUUID()}, ${tenantId}, ${device.id}, '', 'rule', 'critical', '', '{}', now())`.execute(
          store.database,
        );
      }
      return devices;
    }

    test('a filter lets through in SQL what it says in plain words', async () => {
      await fc.assert(
        fc.asyncProperty(
          devicesArbitrary,
          fc.array(filter, { minLength: 8, maxLength: 8 }),
          async (generated, filters) => {
            const tenantId = await makeTenant();
            const devices = await makeDevices(tenantId, generated);
            for (const each of filters) {
              const { rows } = await sql<{ id: string }>`
              select id from devices where tenant_id = ${tenantId} and ${compileFilter(each)}`.execute(
                store.of(tenantId),
              );
              const expected = devices.filter((device) => passes(each, device)).map(({ id }) => id);
              expect(rows.map(({ id }) => id).sort()).toEqual(expected.sort());
            }
          },
        ),
        { numRuns: 60 },
      );
    }, 60_000);

    test('whatever was granted, every list holds the devices that a plain reading of the grants gives', async () => {
      await fc.assert(
        fc.asyncProperty(devicesArbitrary, groupsArbitrary, rolesArbitrary, grantsArbitrary, async (...generated) => {
          const tenantId = await makeTenant();
          const database = store.of(tenantId);
          const devices = await makeDevices(tenantId, generated[0]);
          const at = <T>(list: readonly T[], n: number): T[] => (list.length > 0 ? [list[n % list.length]!] : []);
          const groups: PlainGroup[] = generated[1].map(({ filter: given, members }) => ({
            id: randomUUID(),
            filter: given,
            members: given === null ? [...new Set(members.flatMap((n) => at(devices, n).map(({ id }) => id)))] : [],
          }));
          const roles: PlainRole[] = generated[2].map((permissions) => ({ id: randomUUID(), permissions }));
          for (const { id, filter: given, members } of groups) {
            await database
              .insertInto('groups')
              .values({
                id,
                tenant_id: tenantId,
                name: id,
                description: '',
                kind: given ? 'dynamic' : 'static',
                filter: given && JSON.stringify(given),
              })
              .execute();
            for (const device_id of members)
              await database
                .insertInto('group_devices')
                .values({ group_id: id, device_id, tenant_id: tenantId })
                .execute();
          }
          for (const { id, permissions } of roles)
            await database
              .insertInto('roles')
              .values({ id, tenant_id: tenantId, name: id, description: '', permissions: [...permissions] })
              .execute();
          const roleIds = [...Object.keys(BUILT_IN_ROLES), ...roles.map(({ id }) => id), randomUUID()];
          const grants = [
            ...new Map(
              generated[3].map(({ role, groups: of }) => {
                const [roleId] = at(roleIds, role);
                // Some groups are gone by now.
                const groupIds = of && [...of.flatMap((n) => at(groups, n).map(({ id }) => id)), randomUUID()];
                return [roleId!, { roleId: roleId!, groupIds }] as const;
              }),
            ).values(),
          ];
          const userId = randomUUID();
          await insertUser(database, {
            id: userId,
            tenantId,
            email: `${userId}@example.com`,
            name: 'A',
            passwordHash: '',
            grants,
          });
          const { access } = (await findUser(database, userId))!;

          const idsOf = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id).sort();
          for (const permission of PERMISSION_NAMES.filter((name) => PERMISSIONS[name].byGroup)) {
            const expected = allowed(permission, grants, { devices, groups, roles });
            const ids = idsOf(expected);
            const scope = access.get(permission) ?? { kind: 'some', groups: [] };
            expect(idsOf((await listDevices(database, tenantId, scope, { limit: 100 })).items)).toEqual(ids);
            expect(idsOf(await findMapHouses(database, tenantId, scope, idsOf(devices)))).toEqual(ids);
            if (permission !== 'fleet.read') continue;
            const records = await listDeviceRecords(database, tenantId, { scope }, { page: 1, perPage: 100 });
            expect(idsOf(records)).toEqual(ids);
            expect(await countDevices(database, tenantId, { scope })).toBe(ids.length);
            for (const device of devices)
              expect(await isDeviceIn(database, tenantId, scope, device.id)).toBe(ids.includes(device.id));
            const alerts = await listAlerts(database, tenantId, scope, { limit: 100 });
            expect(alerts.items.map(({ deviceId }) => deviceId).sort()).toEqual(ids);
            const [alertGroup] = await listAlertGroups(database, tenantId, scope);
            expect(alertGroup?.devices ?? 0).toBe(ids.length);
            const fleet = await countFleet(database, tenantId, scope);
            expect(fleet.alerts).toBe(ids.length);
            expect(fleet.devices).toBe(expected.filter(({ status }) => status === 'accepted').length);
            const onMap = (await listMapHouses(database, tenantId, scope)).filter(({ latitude }) => latitude !== null);
            const placed = (expected as typeof devices).filter(
              ({ isPlaced, status }) => isPlaced && status === 'accepted',
            );
            expect(idsOf(onMap)).toEqual(idsOf(placed));
            for (const group of await listGroups(database, tenantId, scope)) {
              const plain = groups.find(({ id }) => id === group.id)!;
              expect(group.devices).toBe(expected.filter((device) => isMember(plain, device)).length);
            }
            for (const device of devices) {
              const within = groups.filter((group) => ids.includes(device.id) && isMember(group, device));
              expect(idsOf(await listGroups(database, tenantId, scope, { deviceId: device.id }))).toEqual(
                idsOf(within),
              );
            }
          }
          for (const permission of PERMISSION_NAMES.filter((name) => !PERMISSIONS[name].byGroup))
            expect(access.get(permission) === ALL_DEVICES).toBe(
              allowed(permission, grants, { devices, groups, roles }).length > 0,
            );
        }),
        { numRuns: 30 },
      );
    }, 120_000);
  });
