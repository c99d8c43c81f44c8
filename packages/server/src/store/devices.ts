/** Devices: lists, details, places and inventory. */
import { sql, type RawBuilder } from 'kysely';
import type { Device, DeviceDetail, DevicePatch, DeviceStatus, Health } from '@lovely/api';
import { ALL_DEVICES, type DeviceGroup, type DeviceScope } from '../domain/device-scope.ts';
import type { Identity } from '../domain/identity.ts';
import { LAST_WORDS } from '../domain/last-words.ts';
import { searchWords } from '../domain/search-words.ts';
import { LovelyError } from '../errors.ts';
import { revoke } from './auth-sets.ts';
import { ID, type Page } from './cursor.ts';
import { inGroup, withinScope } from './device-filter.ts';
import { deviceOrder, hasWord, HEALTH_RANKS, type DeviceSort } from './device-order.ts';
import type { AttributeValue } from './schema.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';
import { isVersion, refuseStale } from './version.ts';

export interface DeviceQuery {
  readonly status?: DeviceStatus | undefined;
  readonly health?: Health | undefined;
  /** Each word begins a word of the device. */
  readonly search?: string | undefined;
  readonly placed?: boolean | undefined;
  readonly sort?: DeviceSort | undefined;
  readonly direction?: 'asc' | 'desc' | undefined;
  readonly rule?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  /** Only devices of this group. */
  readonly group?: DeviceGroup | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** A page of devices, newest first unless `sort` says otherwise, read from an index (device-order.ts). */
export async function listDevices(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  filter: DeviceQuery,
): Promise<Page<Device>> {
  const order = deviceOrder(filter.sort ?? 'createdAt', filter.direction);
  let query = selectDevices(database, tenantId)
    .select(order.key.as('key'))
    .where(withinScope(scope))
    .where(order.reach(tenantId))
    .orderBy(order.by)
    .limit(filter.limit + 1);
  if (filter.status) query = query.where('devices.status', '=', filter.status);
  if (filter.health)
    query = query
      .where('devices.health_rank', '=', HEALTH_RANKS[filter.health])
      .where('devices.status', '=', 'accepted');
  if (filter.placed !== undefined) query = query.where('devices.latitude', filter.placed ? 'is not' : 'is', null);
  if (filter.group) query = query.where(inGroup(filter.group));
  if (filter.ids) query = query.where('devices.id', 'in', filter.ids.length > 0 ? [...filter.ids] : [NO_ID]);
  const { rule } = filter;
  if (rule)
    query = query.where(({ exists, selectFrom }) =>
      exists(
        selectFrom('alerts')
          .select('alerts.id')
          .whereRef('alerts.device_id', '=', 'devices.id')
          .where('alerts.rule', '=', rule)
          .where('alerts.closed_at', 'is', null)
          .where('alerts.snoozed_until', 'is', null),
      ),
    );
  for (const word of searchWords(filter.search ?? '')) query = query.where(hasWord(tenantId, word));
  if (filter.cursor) query = query.where(order.after(filter.cursor));
  const rows = await query.execute();
  const items = rows.slice(0, filter.limit);
  const last = items.at(-1);
  return {
    items: items.map(toDevice),
    next: rows.length > filter.limit && last ? order.cursor(last.key) : null,
  };
}

const NO_ID = '00000000-0000-0000-0000-000000000000';

export async function getDevice(database: Database, tenantId: string, scope: DeviceScope, id: string): Promise<Device> {
  const row = await selectDevices(database, tenantId)
    .where('devices.id', '=', id)
    .where(withinScope(scope))
    .executeTakeFirst();
  if (!row) throw new LovelyError('not-found');
  return toDevice(row);
}

/** What the house is called; undefined when there is no such device. */
export async function findDeviceName(database: Database, tenantId: string, id: string): Promise<string | undefined> {
  const row = await database
    .selectFrom('devices')
    .select('name')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.name;
}

/** Whether there is such a device in the scope. */
export async function isDeviceIn(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  id: string,
): Promise<boolean> {
  const row = await database
    .selectFrom('devices')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where(withinScope(scope))
    .executeTakeFirst();
  return row !== undefined;
}

export async function getDeviceDetail(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  id: string,
): Promise<DeviceDetail> {
  const row = await selectDevices(database, tenantId)
    .select(['devices.inventory', 'devices.inventory_at', 'devices.client'])
    .where('devices.id', '=', id)
    .where(withinScope(scope))
    .executeTakeFirst();
  if (!row) throw new LovelyError('not-found');
  const authSets = await listAuthSets(database, [id]);
  return {
    ...toDevice(row),
    inventory: row.inventory,
    inventoryAt: row.inventory_at?.toISOString() ?? null,
    client: row.client,
    authSets: authSets.map(({ id, status, fingerprint, keyType, createdAt }) => ({
      id,
      status,
      fingerprint,
      keyType,
      createdAt: createdAt.toISOString(),
    })),
  };
}

/** The keys of these devices, oldest first. */
export async function listAuthSets(database: Database, deviceIds: readonly string[]) {
  if (deviceIds.length === 0) return [];
  return await database
    .selectFrom('auth_sets')
    .select([
      'id',
      'device_id as deviceId',
      'status',
      'fingerprint',
      'key_type as keyType',
      'public_key as publicKey',
      'created_at as createdAt',
    ])
    .where('device_id', 'in', [...deviceIds])
    .orderBy('created_at')
    .execute();
}

export async function updateDevice(
  database: Database,
  tenantId: string,
  id: string,
  patch: DevicePatch,
  ifVersion?: number,
): Promise<Device> {
  const { location, ...rest } = patch;
  const { numUpdatedRows } = await database
    .updateTable('devices')
    .set({
      ...rest,
      ...(location === undefined
        ? {}
        : { latitude: location?.latitude ?? null, longitude: location?.longitude ?? null }),
      updated_at: sql<Date>`now()`,
      version: sql<number>`version + 1`,
    })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where(isVersion(ifVersion))
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return await refuseStale(findDevice(database, tenantId, id));
  return await getDevice(database, tenantId, ALL_DEVICES, id);
}

async function findDevice(database: Database, tenantId: string, id: string): Promise<{ id: string } | undefined> {
  return await database
    .selectFrom('devices')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Deletes a device with everything known of it; returns its auth sets, whose tokens are void now. */
export async function deleteDevice(
  database: Database,
  tenantId: string,
  id: string,
  ifVersion?: number,
): Promise<string[]> {
  return await inTransaction(database, async (transaction) => {
    const authSetIds = (await listAuthSets(transaction, [id])).map((authSet) => authSet.id);
    const { numDeletedRows } = await transaction
      .deleteFrom('devices')
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .where(isVersion(ifVersion))
      .executeTakeFirst();
    if (numDeletedRows === 0n) return await refuseStale(findDevice(transaction, tenantId, id));
    await revoke(transaction, tenantId, id, authSetIds);
    for (const table of ['status_values', 'alert_messages'] as const)
      await transaction.deleteFrom(table).where('device_id', '=', id).execute();
    return authSetIds;
  });
}

type Inventories = readonly {
  readonly deviceId: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}[];
export type ChangedDevice = { readonly id: string; readonly tenantId: string; readonly status: DeviceStatus };

/** Replaces the inventory of devices; one statement for a batch, the last of a device wins. */
export async function replaceInventories(database: Database, batch: Inventories): Promise<ChangedDevice[]> {
  return await writeInventories(database, batch, sql`new.inventory`);
}

/** Adds attributes to the inventory of devices, or replaces those of the same name. */
export async function mergeInventory(database: Database, batch: Inventories): Promise<ChangedDevice[]> {
  return await writeInventories(database, batch, sql`devices.inventory || new.inventory`);
}

async function writeInventories(
  database: Database,
  batch: Inventories,
  inventory: RawBuilder<unknown>,
): Promise<ChangedDevice[]> {
  const latest = [...new Map(batch.map((entry) => [entry.deviceId, entry])).values()];
  const { rows } = await sql<ChangedDevice>`
    with locked as (
      select id from devices where id = any(${latest.map((entry) => entry.deviceId)}::uuid[]) order by id for update)
    update devices set inventory = ${inventory}, inventory_at = now()
    from unnest(${latest.map((entry) => entry.deviceId)}::uuid[], ${latest.map((entry) => JSON.stringify(entry.attributes))}::jsonb[]) as new(id, inventory)
    join locked on locked.id = new.id
    where devices.id = new.id
    returning devices.id, devices.tenant_id as "tenantId", devices.status`.execute(database);
  return rows;
}

const selectDevices = (database: Database, tenantId: string) =>
  database
    .selectFrom('devices')
    .leftJoin('presence', 'presence.device_id', 'devices.id')
    .where('devices.tenant_id', '=', tenantId)
    .select([
      'devices.id',
      'devices.name',
      'devices.address',
      'devices.latitude',
      'devices.longitude',
      'devices.tags',
      'devices.identity',
      'devices.status',
      'devices.health',
      'devices.created_at',
      'devices.updated_at',
      'presence.connected',
      'presence.changed_at',
      'presence.reason',
      'devices.version',
    ])
    .select(({ selectFrom }) =>
      selectFrom('alerts')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .whereRef('alerts.device_id', '=', 'devices.id')
        .where('alerts.closed_at', 'is', null)
        .where('alerts.snoozed_until', 'is', null)
        .as('openAlerts'),
    );

type DeviceRow = Awaited<ReturnType<ReturnType<typeof selectDevices>['executeTakeFirstOrThrow']>>;

function toDevice(row: DeviceRow): Device {
  const { latitude, longitude } = row;
  return {
    id: row.id,
    name: row.name,
    address: row.address,
    location: latitude !== null && longitude !== null ? { latitude, longitude } : null,
    tags: row.tags,
    identity: row.identity as Device['identity'],
    status: row.status,
    health: row.health,
    connected: row.connected ?? false,
    connectionChangedAt: row.changed_at?.toISOString() ?? null,
    disconnectReason: row.connected ? null : (row.reason ?? null),
    disconnectWords: row.connected || !row.reason ? null : LAST_WORDS[row.reason],
    openAlerts: row.openAlerts ?? 0,
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

export interface DeviceRecord {
  readonly id: string;
  readonly identity: Identity;
  readonly status: DeviceStatus;
  readonly inventory: Readonly<Record<string, AttributeValue>>;
  readonly inventoryAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly checkInAt: Date | null;
}

export interface RecordFilter {
  readonly scope: DeviceScope;
  readonly statuses?: readonly DeviceStatus[] | undefined;
  /** Ids that are no UUIDs match nothing. */
  readonly ids?: readonly string[] | undefined;
}

/** A numbered page of devices, oldest first, as Mender's tools ask for them. */
export async function listDeviceRecords(
  database: Database,
  tenantId: string,
  filter: RecordFilter,
  { page, perPage }: { page: number; perPage: number },
): Promise<DeviceRecord[]> {
  return await filterRecords(database, tenantId, filter)
    .leftJoin('presence', 'presence.device_id', 'devices.id')
    .select([
      'devices.id',
      'devices.identity',
      'devices.status',
      'devices.inventory',
      'devices.inventory_at as inventoryAt',
      'devices.created_at as createdAt',
      'devices.updated_at as updatedAt',
      'presence.changed_at as checkInAt',
    ])
    .orderBy('devices.created_at')
    .orderBy('devices.id')
    .limit(perPage)
    .offset((page - 1) * perPage)
    .execute();
}

export async function countDevices(database: Database, tenantId: string, filter: RecordFilter): Promise<number> {
  const { count } = await filterRecords(database, tenantId, filter)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

function filterRecords(database: Database, tenantId: string, { scope, statuses, ids }: RecordFilter) {
  let query = database.selectFrom('devices').where('devices.tenant_id', '=', tenantId).where(withinScope(scope));
  if (statuses) query = query.where(sql<boolean>`devices.status = any(${[...statuses]}::text[])`);
  if (ids) query = query.where(sql<boolean>`devices.id = any(${ids.filter((id) => ID.test(id))}::uuid[])`);
  return query;
}
