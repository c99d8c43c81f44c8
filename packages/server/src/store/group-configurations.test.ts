/** What groups set comes to their houses, in batches that may be taken up by anybody. */
import { afterAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { ConfigurationValues, DeviceFilter } from '@lovely/api';
import { ALL_DEVICES } from '../domain/device-scope.ts';
import { listBehindDevices } from './configuration-delivery.ts';
import { carryJobOn, computeMarked, forgetJobs } from './configuration-jobs.ts';
import { getConfiguration, mergeOwn, replaceOwn } from './configurations.ts';
import { getGroupConfiguration, replaceGroupValues } from './group-configurations.ts';
import { addGroupDevices, deleteGroup, insertGroup, removeGroupDevices, updateGroup } from './groups.ts';
import { countRows, insertTestHouses } from './test-alerts.ts';
import { TEST_DATABASES } from './test-databases.ts';
import { ensureFirstTenant } from './tenants.ts';
import type { Database } from './store.ts';

const servers = TEST_DATABASES.filter(({ isInstalled }) => isInstalled);
const started = await Promise.all(servers.map(({ start }) => start()));
afterAll(async () => void (await Promise.all(started.map((one) => one[Symbol.asyncDispose]()))));

async function world(databases: (typeof started)[number], houses: number) {
  const { database } = await databases.open();
  const { id: tenantId } = await ensureFirstTenant(database);
  const ids = await insertTestHouses(database, tenantId, houses);
  const makeGroup = async (name: string, filter: DeviceFilter | null = null): Promise<string> => {
    const id = randomUUID();
    await insertGroup(database, tenantId, { id, name, description: '', filter });
    return id;
  };
  const set = async (groupId: string, values: ConfigurationValues, priority = 100, confirmMs: number | null = null) =>
    await database
      .transaction()
      .execute((transaction) =>
        replaceGroupValues(transaction, tenantId, groupId, { values, priority }, { by: 'Anna', confirmMs }),
      );
  const join = (groupId: string, of: readonly string[]) =>
    addGroupDevices(database, tenantId, ALL_DEVICES, groupId, of);
  const leave = (groupId: string, of: readonly string[]) =>
    removeGroupDevices(database, tenantId, ALL_DEVICES, groupId, of);
  const read = (deviceId: string) => getConfiguration(database, tenantId, deviceId);
  return { database, tenantId, ids, makeGroup, set, join, leave, read };
}

/** All that is to be done; returns how many houses were to be set to something else. */
async function settle(database: Database, batch = 500): Promise<number> {
  let changed = 0;
  for (;;) {
    const marked = await computeMarked(database, batch);
    const carried = await carryJobOn(database, batch);
    if (!marked && !carried) return changed;
    changed += (marked?.deviceIds.length ?? 0) + (carried?.deviceIds.length ?? 0);
  }
}

for (const [at, { name }] of servers.entries()) {
  test(`${name}: houses have what their groups say, whoever comes, leaves or is renamed`, async () => {
    const { database, tenantId, ids, makeGroup, set, join, leave, read } = await world(started[at]!, 3);
    const [first, second] = ids as [string, string, string];
    const weak = await makeGroup('weak');
    const strong = await makeGroup('strong');
    await join(weak, ids);
    await set(weak, { a: 1, b: 1 }, 1);
    await settle(database);
    expect(await read(first)).toMatchObject({ desired: { a: 1, b: 1 }, desiredVersion: 1, desiredBy: 'Anna' });
    await set(strong, { b: 2, c: 2 }, 2);
    await join(strong, [first]);
    await settle(database);
    expect((await read(first)).desired).toEqual({ a: 1, b: 2, c: 2 });
    await mergeOwn(database, tenantId, first, { c: 3 }, { by: 'Ben' });
    expect((await read(first)).desired).toEqual({ a: 1, b: 2, c: 3 });
    expect(await read(second)).toMatchObject({ desired: { a: 1, b: 1 }, desiredVersion: 1 });
    // Of equal numbers the first by name wins.
    await set(strong, { b: 2, c: 2 }, 1);
    await settle(database);
    const { desiredVersion } = await read(first);
    expect((await read(first)).desired).toEqual({ a: 1, b: 2, c: 3 });
    await updateGroup(database, tenantId, weak, { name: 'a weak one' });
    await settle(database);
    expect(await read(first)).toMatchObject({ desired: { a: 1, b: 1, c: 3 }, desiredVersion: desiredVersion + 1 });
    await leave(weak, [first]);
    await settle(database);
    expect((await read(first)).desired).toEqual({ b: 2, c: 3 });
    await deleteGroup(database, tenantId, weak);
    await settle(database);
    expect((await read(second)).desired).toEqual({});
  }, 30_000);

  test(`${name}: a filter takes houses in and out as they change, and another filter takes others`, async () => {
    const { database, tenantId, ids, makeGroup, set, read } = await world(started[at]!, 2);
    const [first, second] = ids as [string, string];
    const tagged = (value: string): DeviceFilter => ({
      all: [{ scope: 'tags', attribute: value, type: '$exists', value: true }],
    });
    const group = await makeGroup('cellars', tagged('cellar'));
    await set(group, { damp: true });
    await settle(database);
    expect((await read(first)).desired).toEqual({});
    const tag = (id: string, tags: string[]) =>
      database.updateTable('devices').set({ tags }).where('id', '=', id).execute();
    await tag(first, ['cellar']);
    await tag(second, ['attic']);
    await settle(database);
    expect((await read(first)).desired).toEqual({ damp: true });
    await updateGroup(database, tenantId, group, { filter: tagged('attic') });
    await settle(database);
    expect((await read(first)).desired).toEqual({});
    expect((await read(second)).desired).toEqual({ damp: true });
    await database.deleteFrom('devices').where('id', '=', second).execute();
    await settle(database);
  }, 30_000);
}

test('a large group is brought up to date in batches, by several at once, and a version rises only where something changes', async () => {
  const { database, tenantId, ids, makeGroup, set, join, read } = await world(started[0]!, 120);
  const group = await makeGroup('all');
  await join(group, ids);
  await replaceOwn(database, tenantId, ids[0]!, { a: 1 }, { by: 'Ben' });
  await set(group, { a: 1 }, 100, 5000);
  const progress = async () => (await getGroupConfiguration(database, tenantId, ALL_DEVICES, group)).progress;
  expect(await progress()).toMatchObject({ done: 0 });
  // Its houses are found first.
  await carryJobOn(database, 50);
  expect(await progress()).toMatchObject({ done: 0, total: 120 });
  await carryJobOn(database, 50);
  expect(await progress()).toMatchObject({ done: 50, total: 120 });
  // Workers that take turns, as one died after the first batch.
  await Promise.all([settle(database, 20), settle(database, 20), settle(database, 20)]);
  expect(await progress()).toBeNull();
  const { counts } = await getGroupConfiguration(database, tenantId, ALL_DEVICES, group);
  expect(counts.waiting).toBe(120);
  expect(await read(ids[0]!)).toMatchObject({ desiredVersion: 1, confirmMs: null });
  expect(await read(ids[1]!)).toMatchObject({ desiredVersion: 1, confirmMs: 5000 });
  await set(group, { a: 1, b: 2 });
  expect(await settle(database)).toBe(120);
  expect(await settle(database)).toBe(0);
  const behind = [];
  for (let page: string[] | undefined; page?.length !== 0; behind.push(...page))
    page = await listBehindDevices(database, behind.at(-1) ?? '00000000-0000-0000-0000-000000000000', 50);
  expect(behind).toEqual(ids.toSorted());
}, 30_000);

test('a change that a newer one of the same group ends leaves nothing behind', async () => {
  const { database, ids, makeGroup, set, join, read } = await world(started[0]!, 3);
  const group = await makeGroup('all');
  await join(group, ids);
  await set(group, { a: 1 });
  await settle(database);
  await set(group, { a: 2 });
  await carryJobOn(database, 1);
  await carryJobOn(database, 1);
  await set(group, { a: 3 });
  expect(await settle(database)).toBe(3);
  expect((await read(ids[2]!)).desired).toEqual({ a: 3 });
  await forgetJobs(database);
  expect(await countRows(database, 'configuration_job_houses')).toBe(0);
}, 30_000);

test('what is too much for one message leaves a house as it was, and says so', async () => {
  const { database, ids, makeGroup, set, join, read } = await world(started[0]!, 1);
  const half = (prefix: string): ConfigurationValues =>
    Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`${prefix}${at}`, 'x'.repeat(500)]));
  for (const name of ['one', 'two']) {
    const group = await makeGroup(name);
    await set(group, half(name));
    await join(group, ids);
    await settle(database);
  }
  expect(await read(ids[0]!)).toMatchObject({ state: 'failed', desired: half('one'), desiredVersion: 1 });
}, 30_000);
