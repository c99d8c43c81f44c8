/** Releases: the artifacts of one name, with notes and tags. */
import { sql } from 'kysely';
import type { Release } from '@lovely/api';
import type { DeviceScope } from '../domain/device-scope.ts';
import { LovelyError } from '../errors.ts';
import { ARTIFACTS_OF_RELEASE_MAX, SOFTWARE_NAMES_SHOWN_MAX } from '../software-limits.ts';
import { listArtifacts, matches, requireUnused, type ArtifactFilter } from './artifacts.ts';
import { decodeCursor, encodeCursor, type Page } from './cursor.ts';
import type { Database } from './store.ts';
import { isVersion, refuseStale } from './version.ts';

export interface ReleaseFilter extends Omit<ArtifactFilter, 'ids' | 'releaseIds' | 'releaseId'> {
  readonly tag?: string | undefined;
  readonly id?: string;
}

/** Those with an artifact that fits the filter, the one with the newest artifact first. */
export async function listReleases(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  { cursor, limit, tag, id, ...filter }: ReleaseFilter,
): Promise<Page<Release>> {
  const within = Object.values(filter).some((value) => value !== undefined && value !== '');
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  const { rows } = await sql<ReleaseRow>`
    select id, name, notes, tags, version, updated_at, updated_at::text as "exactUpdatedAt" from releases
    where tenant_id = ${tenantId}
      and ${id === undefined ? sql`true` : sql`id = ${id}`}
      and ${tag === undefined ? sql`true` : sql`${tag} = any(tags)`}
      and ${within ? sql`exists (select from artifacts where artifacts.release_id = releases.id and ${matches(filter)})` : sql`true`}
      and ${after ? sql`(updated_at, id) < (${after.at}::timestamptz, ${after.id}::uuid)` : sql`true`}
    order by updated_at desc, id desc limit ${limit + 1}`.execute(database);
  const page = rows.slice(0, limit);
  const ofPage = { releaseIds: page.map((row) => row.id), limit: limit * ARTIFACTS_OF_RELEASE_MAX };
  const { items: artifacts } = await listArtifacts(database, tenantId, scope, ofPage);
  const last = page.at(-1);
  return {
    items: page.map((row) => {
      const own = artifacts.filter((artifact) => artifact.releaseId === row.id);
      return {
        id: row.id,
        name: row.name,
        notes: row.notes,
        tags: row.tags,
        artifacts: own,
        usedBy: own.reduce((sum, { usedBy }) => sum + usedBy, 0),
        updatedAt: row.updated_at.toISOString(),
        version: row.version,
      };
    }),
    next: rows.length > limit && last ? encodeCursor(last.exactUpdatedAt, last.id) : null,
  };
}

interface ReleaseRow {
  readonly id: string;
  readonly name: string;
  readonly notes: string;
  readonly tags: string[];
  readonly version: number;
  readonly updated_at: Date;
  readonly exactUpdatedAt: string;
}

/** Throws 'not-found'. */
export async function getRelease(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  id: string,
): Promise<Release> {
  const { items } = await listReleases(database, tenantId, scope, { id, limit: 1 });
  if (!items[0]) throw new LovelyError('not-found');
  return items[0];
}

/** Throws 'not-found' or 'changed-meanwhile'. */
export async function updateRelease(
  database: Database,
  tenantId: string,
  id: string,
  { notes, tags }: { readonly notes?: string | undefined; readonly tags?: readonly string[] | undefined },
  ifVersion: number | undefined,
): Promise<void> {
  const { numUpdatedRows } = await database
    .updateTable('releases')
    .set({
      ...(notes === undefined ? {} : { notes }),
      ...(tags === undefined ? {} : { tags: [...new Set(tags)] }),
      version: sql`version + 1`,
    })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where(isVersion(ifVersion))
    .executeTakeFirst();
  if (numUpdatedRows === 0n) await refuseStale(find(database, tenantId, id));
}

/** Deletes it with its artifacts. Throws 'not-found', 'changed-meanwhile' or 'artifact-in-use'. */
export async function deleteRelease(
  database: Database,
  tenantId: string,
  id: string,
  ifVersion: number | undefined,
): Promise<void> {
  const release = await find(database, tenantId, id);
  if (!release) throw new LovelyError('not-found');
  await requireUnused(database, tenantId, release.name);
  const { numDeletedRows } = await database
    .deleteFrom('releases')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where(isVersion(ifVersion))
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw new LovelyError('changed-meanwhile');
}

async function find(database: Database, tenantId: string, id: string): Promise<{ name: string } | undefined> {
  return await database
    .selectFrom('releases')
    .select('name')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** What occurs in the software of a tenant, in order. */
export async function listSoftwareNames(
  database: Database,
  tenantId: string,
): Promise<{ deviceTypes: string[]; types: string[]; tags: string[] }> {
  const distinct = async (rows: ReturnType<typeof sql<{ name: string }>>): Promise<string[]> =>
    (await rows.execute(database)).rows.map(({ name }) => name);
  return {
    deviceTypes: await distinct(sql`select distinct unnest(device_types) as name from artifacts
      where tenant_id = ${tenantId} order by name limit ${SOFTWARE_NAMES_SHOWN_MAX}`),
    types: await distinct(sql`select distinct payload ->> 'type' as name
      from artifacts, jsonb_array_elements(payloads) as payload
      where tenant_id = ${tenantId} and payload ->> 'type' is not null order by name limit ${SOFTWARE_NAMES_SHOWN_MAX}`),
    tags: await distinct(sql`select distinct unnest(tags) as name from releases
      where tenant_id = ${tenantId} order by name limit ${SOFTWARE_NAMES_SHOWN_MAX}`),
  };
}
