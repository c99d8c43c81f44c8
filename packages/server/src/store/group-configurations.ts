/** What groups set on their houses, and how far the houses are. */
import { sql } from 'kysely';
import type { ConfigurationCounts, ConfigurationValues, GroupConfiguration } from '@lovely/api';
import { areSameValues } from '../domain/configuration.ts';
import { changedValues, refuseWrong } from '../domain/configuration-errors.ts';
import { checkGroupValues } from '../domain/configuration-schema.ts';
import type { DeviceScope } from '../domain/device-scope.ts';
import { LovelyError } from '../errors.ts';
import { keepVersion } from './configuration-history.ts';
import { fitsOneMessage } from './configuration-inheritance.ts';
import { listSchemas } from './configuration-schemas.ts';
import { countStates } from './configuration-lists.ts';
import type { ConfigurationChange } from './configurations.ts';
import { getDeviceGroup } from './groups.ts';
import type { Database } from './store.ts';

export type GroupSetting = Pick<GroupConfiguration, 'values' | 'priority' | 'version' | 'updatedAt' | 'updatedBy'>;

/** With its houses in the scope. Throws 'not-found' when there is no such group. */
export async function getGroupConfiguration(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  groupId: string,
): Promise<GroupConfiguration> {
  const group = await getDeviceGroup(database, tenantId, groupId);
  const setting = await getGroupSetting(database, tenantId, groupId);
  const counts: ConfigurationCounts = await countStates(database, tenantId, scope, group);
  return { groupId, ...setting, progress: await getProgress(database, tenantId, groupId), counts };
}

const NOTHING: GroupSetting = { values: {}, priority: 100, version: 0, updatedAt: null, updatedBy: null };

export async function getGroupSetting(database: Database, tenantId: string, groupId: string): Promise<GroupSetting> {
  const row = await selectSettings(database, tenantId, groupId).executeTakeFirst();
  return row
    ? {
        values: row.values,
        priority: row.priority,
        version: row.version,
        updatedAt: row.updated_at.toISOString(),
        updatedBy: row.updated_by,
      }
    : NOTHING;
}

async function getProgress(
  database: Database,
  tenantId: string,
  groupId: string,
): Promise<GroupConfiguration['progress']> {
  const row = await database
    .selectFrom('configuration_jobs')
    .select(['done', 'total', 'changed', 'created_at'])
    .where('tenant_id', '=', tenantId)
    .where('group_id', '=', groupId)
    .where('ended_at', 'is', null)
    .orderBy('id', 'desc')
    .executeTakeFirst();
  if (!row) return null;
  const { done, total, changed, created_at: startedAt } = row;
  return { done, total: Math.max(total ?? 0, done), changed, startedAt: startedAt.toISOString() };
}

/**
 * Replaces what a group sets; workers bring it to its houses. The group must be locked.
 * Throws 'configuration-too-large', or 'changed-meanwhile' unless the version is `ifVersion`.
 */
export async function replaceGroupValues(
  transaction: Database,
  tenantId: string,
  groupId: string,
  { values, priority }: { readonly values: ConfigurationValues; readonly priority: number },
  { by, note = '', confirmMs = null, ifVersion }: ConfigurationChange,
): Promise<void> {
  if (!fitsOneMessage(values)) throw new LovelyError('configuration-too-large');
  const before = await getGroupSetting(transaction, tenantId, groupId);
  if (ifVersion !== undefined && before.version !== ifVersion) throw new LovelyError('changed-meanwhile');
  refuseWrong(checkGroupValues(await listSchemas(transaction, tenantId), changedValues(before.values, values)));
  if (before.priority === priority && areSameValues(before.values, values)) return;
  const version = before.version + 1;
  await sql`
    insert into configuration_groups as known (group_id, tenant_id, values, priority, version, updated_by)
    values (${groupId}, ${tenantId}, ${JSON.stringify(values)}::jsonb, ${priority}, ${version}, ${by})
    on conflict (group_id) do update set values = excluded.values, priority = excluded.priority,
      version = excluded.version, updated_at = now(), updated_by = excluded.updated_by`.execute(transaction);
  await keepVersion(transaction, tenantId, { groupId }, { version, values, by, note, priority });
  // What is under way brings the newest values from now on; the new job comes by at all houses once more.
  await transaction
    .updateTable('configuration_jobs')
    .set({ ended_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenantId)
    .where('group_id', '=', groupId)
    .where('ended_at', 'is', null)
    .execute();
  await transaction
    .insertInto('configuration_jobs')
    .values({ tenant_id: tenantId, group_id: groupId, created_by: by, confirm_ms: confirmMs })
    .execute();
}

const selectSettings = (database: Database, tenantId: string, groupId: string) =>
  database
    .selectFrom('configuration_groups')
    .select(['values', 'priority', 'version', 'updated_at', 'updated_by'])
    .where('tenant_id', '=', tenantId)
    .where('group_id', '=', groupId);
