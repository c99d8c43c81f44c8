/** Artifacts and releases as Mender's tools ask for them: numbered pages, with how many there are. */
import { sql, type RawBuilder } from 'kysely';
import type { Artifact } from '@lovely/api';
import type { DeviceScope } from '../domain/device-scope.ts';
import { ARTIFACTS_OF_RELEASE_MAX } from '../software-limits.ts';
import { listArtifacts } from './artifacts.ts';
import type { Database } from './store.ts';

interface Page {
  readonly page: number;
  readonly perPage: number;
}

export interface MenderArtifactFilter {
  /** The whole name, or its beginning with a star at the end. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly deviceType?: string | undefined;
  readonly sort: 'name' | 'modified';
  readonly order: 'asc' | 'desc';
}

/** @param scope of the houses that are counted */
export async function searchArtifacts(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  { name, description, deviceType, sort, order }: MenderArtifactFilter,
  page: Page,
): Promise<{ items: Artifact[]; total: number }> {
  const conditions: RawBuilder<unknown>[] = [sql`tenant_id = ${tenantId}`];
  if (name !== undefined) conditions.push(sql`name ${likeOf(name)}`);
  if (description !== undefined) conditions.push(sql`description ${likeOf(description)}`);
  if (deviceType !== undefined) conditions.push(sql`${deviceType} = any(device_types)`);
  const column = sql.raw(sort === 'name' ? 'name' : 'created_at');
  const { ids, total } = await pageOf(database, sql`artifacts`, conditions, sql`${column} ${sql.raw(order)}`, page);
  if (ids.length === 0) return { items: [], total };
  const { items } = await listArtifacts(database, tenantId, scope, { ids, limit: ids.length });
  return { items: items.toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id)), total };
}

export interface MenderReleaseFilter {
  readonly name?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  /** The update module of a payload. */
  readonly type?: string | undefined;
  readonly sort: 'name' | 'modified';
  readonly order: 'asc' | 'desc';
}

export interface MenderReleaseRecord {
  readonly id: string;
  readonly name: string;
  readonly notes: string;
  readonly tags: readonly string[];
  readonly updatedAt: Date;
  readonly artifacts: readonly Artifact[];
}

export async function searchReleases(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  { name, tags, type, sort, order }: MenderReleaseFilter,
  page: Page,
): Promise<{ items: MenderReleaseRecord[]; total: number }> {
  const conditions: RawBuilder<unknown>[] = [sql`tenant_id = ${tenantId}`];
  if (name !== undefined) conditions.push(sql`name ${likeOf(name)}`);
  if (tags !== undefined) conditions.push(sql`tags && ${[...tags]}::text[]`);
  if (type !== undefined)
    conditions.push(sql`exists (select from artifacts where artifacts.release_id = releases.id
      and artifacts.payloads @> ${JSON.stringify([{ type }])}::jsonb)`);
  const column = sql.raw(sort === 'name' ? 'name' : 'updated_at');
  const { ids, total } = await pageOf(database, sql`releases`, conditions, sql`${column} ${sql.raw(order)}`, page);
  if (ids.length === 0) return { items: [], total };
  const rows = await database
    .selectFrom('releases')
    .select(['id', 'name', 'notes', 'tags', 'updated_at as updatedAt'])
    .where('tenant_id', '=', tenantId)
    .where('id', 'in', ids)
    .execute();
  const ofPage = { releaseIds: ids, limit: ids.length * ARTIFACTS_OF_RELEASE_MAX };
  const { items: artifacts } = await listArtifacts(database, tenantId, scope, ofPage);
  const items = rows.map((row) => ({ ...row, artifacts: artifacts.filter((one) => one.releaseId === row.id) }));
  return { items: items.toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id)), total };
}

export async function findReleaseId(database: Database, tenantId: string, name: string): Promise<string | undefined> {
  const found = await database
    .selectFrom('releases')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .executeTakeFirst();
  return found?.id;
}

/** Ids of the artifacts of releases, by the name. */
export async function findArtifactIds(
  database: Database,
  tenantId: string,
  names: readonly string[],
): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ id: string; name: string }>`select id, name from artifacts
    where tenant_id = ${tenantId} and name = any(${[...new Set(names)]}::text[]) order by created_at, id`.execute(
    database,
  );
  const byName = Map.groupBy(rows, ({ name }) => name);
  return new Map([...byName].map(([name, found]) => [name, found.map(({ id }) => id)]));
}

async function pageOf(
  database: Database,
  table: RawBuilder<unknown>,
  conditions: readonly RawBuilder<unknown>[],
  order: RawBuilder<unknown>,
  { page, perPage }: Page,
): Promise<{ ids: string[]; total: number }> {
  const where = sql.join([...conditions], sql` and `);
  const { rows } = await sql<{ id: string }>`
    select id from ${table} where ${where} order by ${order}, id limit ${perPage} offset ${(page - 1) * perPage}`.execute(
    database,
  );
  const counted = await sql<{ total: number }>`select count(*) as total from ${table} where ${where}`.execute(database);
  return { ids: rows.map(({ id }) => id), total: Number(counted.rows[0]!.total) };
}

/** Mender's tools search by a name, or by the beginning of one with `*` behind it. */
function likeOf(text: string): RawBuilder<unknown> {
  if (!text.endsWith('*')) return sql`= ${text}`;
  return sql`like ${`${text.slice(0, -1).replaceAll(/[\\%_]/g, '\\$&')}%`}`;
}
