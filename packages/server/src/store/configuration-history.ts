/** What was set for a house alone, or by a group: every version with who, when and why. */
import type { ConfigurationValues, ConfigurationVersion, GroupConfigurationVersion } from '@lovely/api';
import { LovelyError } from '../errors.ts';
import { CONFIGURATION_VERSIONS_KEPT } from '../limits.ts';
import type { Database } from './store.ts';

export type ConfiguredNoun = { readonly deviceId: string } | { readonly groupId: string };

interface NewVersion {
  readonly version: number;
  readonly values: ConfigurationValues;
  readonly by: string | null;
  readonly note: string;
  /** Of a group. */
  readonly priority: number | null;
}

/** Adds a version; the oldest beyond those that are kept go. */
export async function keepVersion(
  transaction: Database,
  tenantId: string,
  of: ConfiguredNoun,
  { version, values, by, note, priority }: NewVersion,
): Promise<void> {
  await transaction
    .insertInto('configuration_versions')
    .values({
      tenant_id: tenantId,
      device_id: 'deviceId' in of ? of.deviceId : null,
      group_id: 'groupId' in of ? of.groupId : null,
      version,
      values: JSON.stringify(values),
      priority,
      note,
      created_by: by,
    })
    .execute();
  await transaction
    .deleteFrom('configuration_versions')
    .where('tenant_id', '=', tenantId)
    .where(columnOf(of), '=', idOf(of))
    .where('version', '<=', version - CONFIGURATION_VERSIONS_KEPT)
    .execute();
}

interface HistoryPage {
  /** Only those before this version. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** The newest first. */
export async function listVersions(
  database: Database,
  tenantId: string,
  of: ConfiguredNoun,
  { before, limit }: HistoryPage,
): Promise<{ items: GroupConfigurationVersion[]; hasMore: boolean }> {
  let query = selectVersions(database, tenantId, of)
    .orderBy('version', 'desc')
    .limit(limit + 1);
  if (before !== undefined) query = query.where('version', '<', before);
  const rows = await query.execute();
  return {
    items: rows.slice(0, limit).map(({ version, values, priority, note, created_at: at, created_by: by }) => ({
      version,
      values,
      priority: priority ?? 0,
      note,
      at: at.toISOString(),
      by,
    })),
    hasMore: rows.length > limit,
  };
}

/** What an earlier version said; nothing at all as version 0. Throws 'not-found' for one that is not kept. */
export async function getVersion(
  database: Database,
  tenantId: string,
  of: ConfiguredNoun,
  version: number,
): Promise<Pick<ConfigurationVersion, 'values'> & { readonly priority: number | null }> {
  if (version === 0) return { values: {}, priority: null };
  const row = await selectVersions(database, tenantId, of).where('version', '=', version).executeTakeFirst();
  if (!row) throw new LovelyError('not-found', `Version ${version} is not kept.`);
  return row;
}

const selectVersions = (database: Database, tenantId: string, of: ConfiguredNoun) =>
  database
    .selectFrom('configuration_versions')
    .select(['version', 'values', 'priority', 'note', 'created_at', 'created_by'])
    .where('tenant_id', '=', tenantId)
    .where(columnOf(of), '=', idOf(of));

const columnOf = (of: ConfiguredNoun) => ('deviceId' in of ? 'device_id' : 'group_id');
const idOf = (of: ConfiguredNoun): string => ('deviceId' in of ? of.deviceId : of.groupId);
