/** What houses should be set to, computed anew from their own values and those of their groups. */
import { sql } from 'kysely';
import type { ConfigurationValues } from '@lovely/api';
import {
  configurationDesired,
  CONFIGURATION_CONFIRM_MS_MAX,
  CONFIGURATION_VALUES_MAX,
  encodeFrame,
  FRAME_BYTES_MAX_DOWN,
} from '@lovely/protocol';
import {
  areSameValues,
  effectiveConfiguration,
  strongestFirst,
  type EffectiveConfiguration,
  type GroupValues,
} from '../domain/configuration.ts';
import type { DeviceGroup } from '../domain/device-scope.ts';
import { inGroup } from './device-filter.ts';
import { deviceGroup } from './groups.ts';
import type { Database } from './store.ts';

/** A group that sets something. */
export interface ConfiguringGroup extends GroupValues {
  readonly group: DeviceGroup;
}

/** The groups of a tenant that set something. */
export async function listConfiguringGroups(database: Database, tenantId: string): Promise<ConfiguringGroup[]> {
  const rows = await database
    .selectFrom('configuration_groups')
    .innerJoin('groups', 'groups.id', 'configuration_groups.group_id')
    .select(['groups.id', 'groups.name', 'groups.filter', 'priority', 'values'])
    .where('configuration_groups.tenant_id', '=', tenantId)
    .execute();
  return rows
    .filter(({ values }) => Object.keys(values).length > 0)
    .map(({ id, name, filter, priority, values }) => ({
      id,
      name,
      priority,
      values,
      group: deviceGroup({ id, filter }),
    }));
}

/** By device, those of these groups that it is in, the strongest first; accepted or not, a house that is gone has no entry. */
export async function groupsByDevice(
  database: Database,
  tenantId: string,
  groups: readonly ConfiguringGroup[],
  deviceIds: readonly string[],
): Promise<Map<string, ConfiguringGroup[]>> {
  if (deviceIds.length === 0) return new Map();
  const isIn =
    groups.length === 0
      ? sql`'{}'::boolean[]`
      : sql`array[${sql.join(groups.map(({ group }) => sql`coalesce(${inGroup(group)}, false)`))}]`;
  const { rows } = await sql<{ id: string; isIn: boolean[] }>`
    select id, ${isIn} as "isIn" from devices where tenant_id = ${tenantId} and id = any(${[...deviceIds]}::uuid[])`.execute(
    database,
  );
  return new Map(rows.map((row) => [row.id, strongestFirst(groups.filter((_, at) => row.isIn[at]))]));
}

interface Row {
  readonly deviceId: string;
  readonly own: ConfigurationValues;
  readonly desired: ConfigurationValues;
  readonly origins: Record<string, [string | null, number]>;
  readonly groupIds: string[];
  readonly oversized: boolean;
}

interface Change {
  readonly deviceId: string;
  readonly effective: EffectiveConfiguration;
  readonly origins: Record<string, [string | null, number]>;
  readonly groupIds: readonly string[];
  readonly isOther: boolean;
  readonly oversized: boolean;
}

export interface ComputeOptions {
  /** Who made the change, for people; null for nobody. */
  readonly by: string | null;
  /** Houses that are set to something else go back by themselves unless they are still there after this time. */
  readonly confirmMs: number | null;
}

/**
 * Brings what these houses of a tenant should be set to up to date, in the transaction: the version of those that are set to
 * something else rises, the others stay untouched. Returns those whose version rose.
 */
export async function computeDesired(
  transaction: Database,
  tenantId: string,
  deviceIds: readonly string[],
  { by, confirmMs }: ComputeOptions,
): Promise<string[]> {
  const before = await groupsByDevice(
    transaction,
    tenantId,
    await listConfiguringGroups(transaction, tenantId),
    deviceIds,
  );
  const rowed = [...before].filter(([, groups]) => groups.length > 0).map(([id]) => id);
  await sql`insert into configurations (device_id, tenant_id)
    select id, ${tenantId} from unnest(${rowed}::uuid[]) as new(id) order by id on conflict do nothing`.execute(
    transaction,
  );
  const { rows } = await sql<Row>`
    select device_id as "deviceId", own, desired, origins, group_ids as "groupIds", oversized from configurations
    where tenant_id = ${tenantId} and device_id = any(${[...deviceIds]}::uuid[]) order by device_id for update`.execute(
    transaction,
  );
  // Read again now that the rows are locked: whoever had them before may have changed what this one saw.
  const groups = await groupsByDevice(
    transaction,
    tenantId,
    await listConfiguringGroups(transaction, tenantId),
    rows.map(({ deviceId }) => deviceId),
  );
  const nowMs = Date.now();
  const changes = rows.flatMap((row) => changeOf(row, groups.get(row.deviceId) ?? [], nowMs) ?? []);
  if (changes.length > 0) await write(transaction, changes, by, confirmMs);
  return changes.filter(({ isOther }) => isOther).map(({ deviceId }) => deviceId);
}

/** Undefined when everything is as it is already. */
function changeOf(row: Row, groups: readonly ConfiguringGroup[], nowMs: number): Change | undefined {
  const effective = effectiveConfiguration(row.own, groups);
  const oversized = !fitsOneMessage(effective.values);
  const isOther = !oversized && !areSameValues(effective.values, row.desired);
  const kept = oversized ? row.origins : sinceWhen(row, effective, nowMs);
  const groupIds = groups.map(({ id }) => id).toSorted();
  const isSame =
    !isOther &&
    oversized === row.oversized &&
    JSON.stringify(groupIds) === JSON.stringify(row.groupIds) &&
    Object.keys(kept).length === Object.keys(row.origins).length &&
    Object.entries(kept).every(([key, [from]]) => Object.hasOwn(row.origins, key) && row.origins[key]![0] === from);
  return isSame ? undefined : { deviceId: row.deviceId, effective, origins: kept, groupIds, isOther, oversized };
}

/** A value that stays what it is, from where it is, is so since when it was. */
function sinceWhen(
  { desired, origins }: Row,
  effective: EffectiveConfiguration,
  nowMs: number,
): Record<string, [string | null, number]> {
  return Object.fromEntries(
    Object.entries(effective.origins).map(([key, from]) => {
      const known = Object.hasOwn(origins, key) ? origins[key] : undefined;
      const stays = known?.[0] === from && desired[key] === effective.values[key];
      return [key, [from, stays ? known[1] : nowMs]];
    }),
  );
}

/** All of it goes to the house in one message. */
export function fitsOneMessage(values: ConfigurationValues): boolean {
  if (Object.keys(values).length > CONFIGURATION_VALUES_MAX) return false;
  const longest = { version: Number.MAX_SAFE_INTEGER, values, confirmMs: CONFIGURATION_CONFIRM_MS_MAX };
  return encodeFrame(configurationDesired.frame({}, longest)).length <= FRAME_BYTES_MAX_DOWN;
}

async function write(
  transaction: Database,
  changes: readonly Change[],
  by: string | null,
  confirmMs: number | null,
): Promise<void> {
  await sql`
    update configurations set
      desired = case when new.is_other then new.desired else configurations.desired end,
      version = configurations.version + new.is_other::int,
      desired_at = case when new.is_other then now() else configurations.desired_at end,
      desired_by = case when new.is_other then ${by} else configurations.desired_by end,
      confirm_ms = case when new.is_other then ${confirmMs}::integer else configurations.confirm_ms end,
      sent_at = case when new.is_other then null else configurations.sent_at end,
      origins = new.origins, oversized = new.oversized,
      group_ids = array(select jsonb_array_elements_text(new.group_ids)::uuid)
    from unnest(${changes.map(({ deviceId }) => deviceId)}::uuid[],
      ${changes.map(({ effective }) => JSON.stringify(effective.values))}::jsonb[],
      ${changes.map(({ origins }) => JSON.stringify(origins))}::jsonb[],
      ${changes.map(({ groupIds }) => JSON.stringify(groupIds))}::jsonb[],
      ${changes.map(({ isOther }) => isOther)}::boolean[], ${changes.map(({ oversized }) => oversized)}::boolean[])
      as new(device_id, desired, origins, group_ids, is_other, oversized)
    where configurations.device_id = new.device_id`.execute(transaction);
}
