/** What houses should be set to, from where, and what they say they are. */
import { sql, type Selectable } from 'kysely';
import type { Configuration, ConfigurationEntry, ConfigurationValues } from '@lovely/api';
import { areSameValues } from '../domain/configuration.ts';
import { changedValues, refuseWrong } from '../domain/configuration-errors.ts';
import { checkValues, formOf, type ConfiguredHouse, type Schema } from '../domain/configuration-schema.ts';
import { LovelyError } from '../errors.ts';
import { getConfiguredHouse, listSchemas } from './configuration-schemas.ts';
import { keepVersion } from './configuration-history.ts';
import {
  computeDesired,
  fitsOneMessage,
  groupsByDevice,
  listConfiguringGroups,
  type ConfiguringGroup,
} from './configuration-inheritance.ts';
import type { Schema as Tables } from './schema.ts';
import type { Database } from './store.ts';

type Row = Selectable<Tables['configurations']>;

/** Empty for a house that nobody has desired anything of. */
export async function getConfiguration(database: Database, tenantId: string, deviceId: string): Promise<Configuration> {
  const row = await database
    .selectFrom('configurations')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('device_id', '=', deviceId)
    .executeTakeFirst();
  const configuring = await listConfiguringGroups(database, tenantId);
  const groups = (await groupsByDevice(database, tenantId, configuring, [deviceId])).get(deviceId) ?? [];
  const schemas = await listSchemas(database, tenantId);
  const house = await getConfiguredHouse(database, tenantId, deviceId);
  return {
    own: row?.own ?? {},
    version: row?.own_version ?? 0,
    desired: row?.desired ?? {},
    desiredVersion: row?.version ?? 0,
    desiredAt: row?.desired_at?.toISOString() ?? null,
    desiredBy: row?.desired_by ?? null,
    confirmMs: row?.confirm_ms ?? null,
    reported: row?.reported ?? {},
    reportedVersion: row?.reported_version ?? 0,
    reportedAt: row?.reported_at?.toISOString() ?? null,
    state: row?.state ?? 'none',
    problems: problemsOf(row),
    reverted: revertedOf(row),
    entries: entriesOf(row, groups, schemas, house),
    isPending: await isPending(database, tenantId, deviceId, [
      ...(row?.group_ids ?? []),
      ...groups.map(({ id }) => id),
    ]),
  };
}

const OVERSIZED = { key: null, message: 'What its groups set is too much for one message to the house.' };

function problemsOf(row: Row | undefined): Configuration['problems'] {
  if (!row) return [];
  const told = row.state === 'reverted' ? row.reverted_problems : row.problems;
  return row.oversized ? [OVERSIZED, ...told] : told;
}

function revertedOf(row: Row | undefined): Configuration['reverted'] {
  if (!row?.reverted_at || !row.reverted_reason) return null;
  return { version: row.reverted_version, at: row.reverted_at.toISOString(), reason: row.reverted_reason };
}

function entriesOf(
  row: Row | undefined,
  groups: readonly ConfiguringGroup[],
  schemas: readonly Schema[],
  house: ConfiguredHouse,
): ConfigurationEntry[] {
  const { desired = {}, reported = {}, origins = {}, reported_since: reportedSince = {} } = row ?? {};
  const fields = new Map(formOf(schemas, house).fields.map((field) => [field.key, field]));
  const wrong = checkValues(schemas, house, desired);
  const known = new Map(groups.map((group) => [group.id, group]));
  const keys = new Set([...Object.keys(desired), ...Object.keys(reported), ...fields.keys()]);
  return [...keys].toSorted().map((key) => {
    const value = of(desired, key) ?? null;
    const told = of(reported, key) ?? null;
    const [from = null, sinceMs = null] = of(origins, key) ?? [];
    const toldSince = of(reportedSince, key);
    const group = from === null ? undefined : known.get(from);
    return {
      key,
      desired: value,
      origin:
        value === null ? (fields.get(key)?.default == null ? 'none' : 'default') : from === null ? 'house' : 'group',
      group: group ? { groupId: group.id, groupName: group.name, priority: group.priority } : null,
      since: value === null || sinceMs === null ? null : new Date(sinceMs).toISOString(),
      overridden: groups
        .filter(({ id, values }) => id !== from && Object.hasOwn(values, key))
        .map(({ id, name, priority, values }) => ({
          groupId: id,
          groupName: name,
          priority,
          value: values[key]!,
        })),
      reported: told,
      reportedSince: toldSince === undefined ? null : new Date(toldSince).toISOString(),
      state: value === told ? 'same' : value === null ? 'extra' : told === null ? 'missing' : 'differs',
      error: wrong.get(key) ?? null,
    };
  });
}

/** A key may be called as something that every object has. */
function of<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

async function isPending(
  database: Database,
  tenantId: string,
  deviceId: string,
  groupIds: readonly string[],
): Promise<boolean> {
  const { rows } = await sql<{ pending: boolean }>`
    select exists (select from configuration_marks where device_id = ${deviceId})
      or exists (select from configuration_jobs where tenant_id = ${tenantId} and ended_at is null
        and group_id = any(${[...new Set(groupIds)]}::uuid[]) and after_id < ${deviceId}::uuid) as pending`.execute(
    database,
  );
  return rows[0]!.pending;
}

export interface ConfigurationChange {
  /** Who makes it, for people. */
  readonly by: string;
  /** Why, for the history. */
  readonly note?: string | undefined;
  readonly confirmMs?: number | null | undefined;
  /** The version of the house's own values that the change was made from. */
  readonly ifVersion?: number | undefined;
}

/**
 * Replaces what is set for a house alone; returns the version of what it should be set to.
 * Throws 'configuration-too-large', or 'changed-meanwhile' unless the version is `ifVersion`.
 */
export async function replaceOwn(
  transaction: Database,
  tenantId: string,
  deviceId: string,
  values: ConfigurationValues,
  change: ConfigurationChange,
): Promise<number> {
  const before = await lockOwn(transaction, tenantId, deviceId);
  if (change.ifVersion !== undefined && before.version !== change.ifVersion) throw new LovelyError('changed-meanwhile');
  return await writeOwn(transaction, tenantId, deviceId, before, values, change);
}

/** Changes some of the values that are set for a house alone; the same otherwise. */
export async function mergeOwn(
  transaction: Database,
  tenantId: string,
  deviceId: string,
  values: ConfigurationValues,
  change: ConfigurationChange,
): Promise<number> {
  const before = await lockOwn(transaction, tenantId, deviceId);
  return await writeOwn(transaction, tenantId, deviceId, before, { ...before.own, ...values }, change);
}

/** Has the house told its configuration as a new version, whatever became of the last; nothing where nothing is set. */
export async function retryDesired(
  transaction: Database,
  tenantId: string,
  deviceId: string,
  by: string,
  confirmMs: number | null,
): Promise<void> {
  await transaction
    .updateTable('configurations')
    .set({
      version: sql`version + 1`,
      confirm_ms: confirmMs,
      desired_at: sql<Date>`now()`,
      desired_by: by,
      sent_at: null,
    })
    .where('tenant_id', '=', tenantId)
    .where('device_id', '=', deviceId)
    .where('version', '>', 0)
    .execute();
}

/** Throws 'bad-input' with an error for each value that is new or another and not as the schemas say. */
async function requireGood(
  transaction: Database,
  tenantId: string,
  deviceId: string,
  before: ConfigurationValues,
  values: ConfigurationValues,
): Promise<void> {
  const changed = changedValues(before, values);
  if (Object.keys(changed).length === 0) return;
  const house = await getConfiguredHouse(transaction, tenantId, deviceId);
  refuseWrong(checkValues(await listSchemas(transaction, tenantId), house, changed));
}

interface Own {
  readonly own: ConfigurationValues;
  readonly version: number;
}

async function lockOwn(transaction: Database, tenantId: string, deviceId: string): Promise<Own> {
  await transaction
    .insertInto('configurations')
    .values({ device_id: deviceId, tenant_id: tenantId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return await transaction
    .selectFrom('configurations')
    .select(['own', 'own_version as version'])
    .where('tenant_id', '=', tenantId)
    .where('device_id', '=', deviceId)
    .forUpdate()
    .executeTakeFirstOrThrow();
}

async function writeOwn(
  transaction: Database,
  tenantId: string,
  deviceId: string,
  before: Own,
  values: ConfigurationValues,
  { by, note = '', confirmMs = null }: ConfigurationChange,
): Promise<number> {
  if (!fitsOneMessage(values)) throw new LovelyError('configuration-too-large');
  await requireGood(transaction, tenantId, deviceId, before.own, values);
  if (!areSameValues(before.own, values)) {
    const version = before.version + 1;
    await transaction
      .updateTable('configurations')
      .set({ own: JSON.stringify(values), own_version: version })
      .where('device_id', '=', deviceId)
      .execute();
    await keepVersion(transaction, tenantId, { deviceId }, { version, values, by, note, priority: null });
    await computeDesired(transaction, tenantId, [deviceId], { by, confirmMs });
  }
  const after = await transaction
    .selectFrom('configurations')
    .select(['version', 'oversized'])
    .where('device_id', '=', deviceId)
    .executeTakeFirstOrThrow();
  if (after.oversized) throw new LovelyError('configuration-too-large');
  return after.version;
}
