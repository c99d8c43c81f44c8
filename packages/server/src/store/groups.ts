/** Groups of devices: sets that people fill, and filters that fill themselves. */
import { sql } from 'kysely';
import type { DeviceFilter, Group } from '@lovely/api';
import type { DeviceGroup, DeviceScope } from '../domain/device-scope.ts';
import { LovelyError } from '../errors.ts';
import { GROUPS_MAX } from '../limits.ts';
import { inGroup, withinScope } from './device-filter.ts';
import { isNameTaken } from './errors.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';

/** A group as it is stored; how many devices are in it depends on who asks. */
export type GroupRecord = Omit<Group, 'devices'>;

/** A group as what decides who is in it. */
export function deviceGroup({ id, filter }: Pick<GroupRecord, 'id' | 'filter'>): DeviceGroup {
  return filter === null ? { id, kind: 'static' } : { id, kind: 'dynamic', filter };
}

/** A group as what decides who is in it. Throws 'not-found'. */
export async function getDeviceGroup(database: Database, tenantId: string, id: string): Promise<DeviceGroup> {
  const row = await selectGroups(database, tenantId).where('id', '=', id).executeTakeFirst();
  if (!row) throw new LovelyError('not-found');
  return deviceGroup(row);
}

/**
 * The groups by name, each with its devices in the scope.
 * @param filter `ids`: only these; `deviceId`: only those that this device is in, and none if it isn't in the scope
 */
export async function listGroups(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  filter: { readonly ids?: readonly string[] | undefined; readonly deviceId?: string | undefined } = {},
): Promise<Group[]> {
  let query = selectGroups(database, tenantId).orderBy(sql`lower(name)`);
  if (filter.ids) query = query.where(sql<boolean>`id = any(${[...filter.ids]}::uuid[])`);
  let groups: GroupRecord[] = await query.execute();
  if (filter.deviceId !== undefined) {
    const ids = await groupsOf(database, tenantId, scope, filter.deviceId, groups.map(deviceGroup));
    groups = groups.filter((group) => ids.has(group.id));
  }
  const counts = await countDevices(database, tenantId, scope, groups);
  return groups.map((group) => ({ ...group, devices: counts.get(group.id) ?? 0 }));
}

/** One group with its devices in the scope. Throws 'not-found'. */
export async function getGroup(database: Database, tenantId: string, scope: DeviceScope, id: string): Promise<Group> {
  const [group] = await listGroups(database, tenantId, scope, { ids: [id] });
  if (!group) throw new LovelyError('not-found');
  return group;
}

/** The static group of this name, which nobody else changes until the transaction ends. */
export async function lockGroupNamed(
  database: Database,
  tenantId: string,
  name: string,
): Promise<GroupRecord | undefined> {
  return await selectGroups(database, tenantId)
    .where('name', '=', name)
    .where('kind', '=', 'static')
    .forUpdate()
    .executeTakeFirst();
}

/** The static groups that a device is in, by name; locked. */
export async function lockStaticGroupsOf(
  database: Database,
  tenantId: string,
  deviceId: string,
): Promise<GroupRecord[]> {
  return await selectGroups(database, tenantId)
    .where(sql<boolean>`id in (select group_id from group_devices where group_devices.device_id = ${deviceId}::uuid)`)
    .orderBy('name')
    .forUpdate()
    .execute();
}

export async function listGroupNames(database: Database, tenantId: string): Promise<{ id: string; name: string }[]> {
  return await database.selectFrom('groups').select(['id', 'name']).where('tenant_id', '=', tenantId).execute();
}

/** Which of these groups a device is in; none if it isn't in the scope. */
export async function groupsOf(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  deviceId: string,
  groups: readonly DeviceGroup[],
): Promise<ReadonlySet<string>> {
  if (groups.length === 0) return new Set();
  const { rows } = await sql<{ isIn: boolean[] }>`
    select array[${sql.join(groups.map(inGroup))}] as "isIn" from devices
    where tenant_id = ${tenantId} and id = ${deviceId} and ${withinScope(scope)}`.execute(database);
  return new Set(groups.filter((_, at) => rows[0]?.isIn[at]).map((group) => group.id));
}

/** Static groups are counted from their rows, all filters in one pass over the devices. */
async function countDevices(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  groups: readonly GroupRecord[],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const statics = groups.filter((group) => group.kind === 'static').map((group) => group.id);
  if (statics.length > 0) {
    const inScope =
      scope.kind === 'all'
        ? sql``
        : sql`join devices on devices.id = group_devices.device_id and ${withinScope(scope)}`;
    const { rows } = await sql<{ id: string; devices: number }>`
      select group_devices.group_id as id, count(*) as devices from group_devices ${inScope}
      where group_devices.group_id = any(${statics}::uuid[]) group by 1`.execute(database);
    for (const { id, devices } of rows) counts.set(id, devices);
  }
  const dynamics = groups.filter((group) => group.kind === 'dynamic');
  if (dynamics.length > 0) {
    const count = ({ id, filter }: GroupRecord) => sql`count(*) filter (where ${inGroup(deviceGroup({ id, filter }))})`;
    const { rows } = await sql<{ devices: string[] }>`
      select array[${sql.join(dynamics.map(count))}] as devices from devices
      where tenant_id = ${tenantId} and ${withinScope(scope)}`.execute(database);
    for (const [at, group] of dynamics.entries()) counts.set(group.id, Number(rows[0]!.devices[at]));
  }
  return counts;
}

/** Throws 'name-taken' or 'limit-reached'. */
export async function insertGroup(
  database: Database,
  tenantId: string,
  group: { id: string; name: string; description: string; filter: DeviceFilter | null },
): Promise<void> {
  await inTransaction(database, async (transaction) => {
    // Two that are made at the same time wait for each other, or both would be the last that fits.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`groups ${tenantId}`}, 0))`.execute(transaction);
    const { count } = await transaction
      .selectFrom('groups')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow();
    if (count >= GROUPS_MAX) throw new LovelyError('limit-reached', `There are ${GROUPS_MAX} groups already.`);
    await naming(
      transaction
        .insertInto('groups')
        .values({
          id: group.id,
          tenant_id: tenantId,
          name: group.name,
          description: group.description,
          kind: group.filter === null ? 'static' : 'dynamic',
          filter: group.filter && JSON.stringify(group.filter),
        })
        .execute(),
    );
  });
}

/**
 * The group, which nobody else changes or deletes until the transaction ends; its devices may come and go.
 * Throws 'not-found', or 'changed-meanwhile' when it isn't the version that was named.
 */
export async function lockGroup(
  database: Database,
  tenantId: string,
  id: string,
  ifVersion: number | undefined,
): Promise<GroupRecord> {
  const group = await selectGroups(database, tenantId).where('id', '=', id).forUpdate().executeTakeFirst();
  if (!group) throw new LovelyError('not-found');
  if (ifVersion !== undefined && group.version !== ifVersion) throw new LovelyError('changed-meanwhile');
  return group;
}

/** Changes a group that is locked. Throws 'name-taken'. */
export async function updateGroup(
  database: Database,
  tenantId: string,
  id: string,
  patch: { name?: string | undefined; description?: string | undefined; filter?: DeviceFilter | undefined },
): Promise<void> {
  const { filter, name, description } = patch;
  await naming(
    database
      .updateTable('groups')
      .set({
        ...(name === undefined ? {} : { name }),
        ...(description === undefined ? {} : { description }),
        ...(filter === undefined ? {} : { filter: JSON.stringify(filter) }),
        version: sql`version + 1`,
      })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .execute(),
  );
}

/** Deletes a group; what was granted for it holds there no more, and elsewhere as before. */
export async function deleteGroup(database: Database, tenantId: string, id: string): Promise<void> {
  await database
    .updateTable('grants')
    .set({ group_ids: sql<string[]>`array_remove(group_ids, ${id}::uuid)` })
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`${id}::uuid = any(group_ids)`)
    .execute();
  await database.deleteFrom('groups').where('tenant_id', '=', tenantId).where('id', '=', id).execute();
}

/** Puts devices of the scope into a static group; returns those that are new there. Throws 'not-found' if any isn't one. */
export async function addGroupDevices(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  id: string,
  deviceIds: readonly string[],
): Promise<string[]> {
  const devices = await lockDevices(database, tenantId, scope, deviceIds);
  const { rows } = await sql<{ id: string }>`
    insert into group_devices (group_id, device_id, tenant_id)
    select ${id}::uuid, id, ${tenantId}::uuid from unnest(${devices}::uuid[]) as added(id)
    on conflict do nothing returning device_id as id`.execute(database);
  return rows.map((row) => row.id);
}

/** Takes devices of the scope out of a static group; returns those that were in it. Throws 'not-found' if any isn't one. */
export async function removeGroupDevices(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  id: string,
  deviceIds: readonly string[],
): Promise<string[]> {
  const devices = await lockDevices(database, tenantId, scope, deviceIds);
  const { rows } = await sql<{ id: string }>`
    delete from group_devices where group_id = ${id}::uuid and device_id = any(${devices}::uuid[])
    returning device_id as id`.execute(database);
  return rows.map((row) => row.id);
}

/** These devices, none of which is deleted until the transaction ends. Throws 'not-found' unless all are in the scope. */
async function lockDevices(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  deviceIds: readonly string[],
): Promise<string[]> {
  const wanted = [...new Set(deviceIds.map((id) => id.toLowerCase()))];
  const { rows } = await sql<{ id: string }>`
    select id from devices where tenant_id = ${tenantId} and id = any(${wanted}::uuid[]) and ${withinScope(scope)}
    order by id for key share`.execute(database);
  if (rows.length < wanted.length) throw new LovelyError('not-found', 'There is no such device among these.');
  return rows.map((row) => row.id);
}

const selectGroups = (database: Database, tenantId: string) =>
  database
    .selectFrom('groups')
    .select(['id', 'name', 'description', 'kind', 'filter', 'version'])
    .where('tenant_id', '=', tenantId);

async function naming<T>(change: Promise<T>): Promise<T> {
  return await change.catch((error: unknown) => {
    if (!isNameTaken(error)) throw error;
    throw new LovelyError('name-taken', 'There is a group with this name already.', { cause: error, pointer: '/name' });
  });
}
