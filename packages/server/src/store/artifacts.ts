/** Artifacts: what is known of them; their content is a blob. */
import { randomUUID } from 'node:crypto';
import { sql, type RawBuilder, type Selectable } from 'kysely';
import type { Artifact } from '@lovely/api';
import { mayFitTheSame, type ArtifactRecord } from '../domain/artifact-record.ts';
import type { DeviceScope } from '../domain/device-scope.ts';
import { LovelyError } from '../errors.ts';
import { decodeCursor, encodeCursor, ID, type Page } from './cursor.ts';
import { withinScope } from './device-filter.ts';
import type { Schema } from './schema.ts';
import type { StartedBy } from './schema/fixes.ts';
import { requireStorage } from './storage.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';
import { touchRelease } from './touched-release.ts';
import { findSigner } from './trusted-keys.ts';
import { isVersion, refuseStale } from './version.ts';

/** An artifact whose content is stored. */
export interface ReceivedArtifact {
  readonly record: ArtifactRecord;
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Makes a stored content an artifact of the tenant, and adds it to its release.
 * @throws LovelyError 'artifact-exists', 'artifact-not-trusted' or 'storage-limit'
 */
export async function insertArtifact(
  database: Database,
  tenantId: string,
  { record, sha256, bytes }: ReceivedArtifact,
  by: { readonly createdBy: StartedBy; readonly description: string },
): Promise<Artifact> {
  return await inTransaction(database, async (transaction) => {
    // Holds the tenant's row: what is looked at here stays so.
    await requireStorage(transaction, tenantId, bytes);
    await requireNoOther(transaction, tenantId, record);
    const { name, signed } = record;
    const signer = signed && (await findSigner(transaction, tenantId, signed));
    if (!signer && (await requiresSigned(transaction, tenantId))) throw new LovelyError('artifact-not-trusted');
    const id = randomUUID();
    await transaction
      .insertInto('artifacts')
      .values({
        id,
        tenant_id: tenantId,
        release_id: await touchRelease(transaction, tenantId, name),
        name,
        description: by.description,
        device_types: record.deviceTypes,
        payloads: JSON.stringify(record.payloads),
        provides: JSON.stringify(record.provides),
        depends: JSON.stringify(record.depends),
        clears: record.clears,
        scripts: record.scripts,
        compression: record.compression,
        format: record.format,
        manifest: signed ? Buffer.from(signed.manifest) : null,
        signature: signed?.signature ?? null,
        signed_by: signer ?? null,
        bytes,
        sha256,
        created_by: JSON.stringify(by.createdBy),
      })
      .execute();
    return await getArtifact(transaction, tenantId, { kind: 'all' }, id);
  });
}

/** Throws 'artifact-exists' where another of this name may fit the same device. */
export async function requireNoOther(
  database: Database,
  tenantId: string,
  { name, depends }: Pick<ArtifactRecord, 'name' | 'depends'>,
): Promise<void> {
  const others = await database
    .selectFrom('artifacts')
    .select('depends')
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .execute();
  if (others.some((other) => mayFitTheSame(depends, other.depends))) throw new LovelyError('artifact-exists');
}

async function requiresSigned(database: Database, tenantId: string): Promise<boolean> {
  const { settings } = await database
    .selectFrom('tenants')
    .select('settings')
    .where('id', '=', tenantId)
    .executeTakeFirstOrThrow();
  return settings.requireSignedArtifacts ?? false;
}

export interface ArtifactFilter {
  readonly search?: string | undefined;
  readonly name?: string | undefined;
  readonly deviceType?: string | undefined;
  readonly type?: string | undefined;
  readonly releaseId?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly releaseIds?: readonly string[] | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** The conditions of a filter on rows of `artifacts`. */
export function matches({
  search,
  name,
  deviceType,
  type,
  releaseId,
}: Omit<ArtifactFilter, 'limit'>): RawBuilder<boolean> {
  const like = `%${search?.replace(/[\\%_]/g, '\\$&')}%`;
  return sql<boolean>`(${search ? sql`(artifacts.name ilike ${like} or artifacts.description ilike ${like})` : sql`true`}
    and ${name === undefined ? sql`true` : sql`artifacts.name = ${name}`}
    and ${deviceType === undefined ? sql`true` : sql`${deviceType} = any(artifacts.device_types)`}
    and ${type === undefined ? sql`true` : sql`artifacts.payloads @> ${JSON.stringify([{ type }])}::jsonb`}
    and ${releaseId === undefined ? sql`true` : sql`artifacts.release_id = ${releaseId}`})`;
}

/** Newest first. @param scope of the houses that are counted */
export async function listArtifacts(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  { cursor, limit, ids, releaseIds, ...filter }: ArtifactFilter,
): Promise<Page<Artifact>> {
  let query = database
    .selectFrom('artifacts')
    .selectAll()
    .select([
      sql<string>`artifacts.created_at::text`.as('exactCreatedAt'),
      countHouses(scope).as('usedBy'),
      countDeployments(scope).as('usedInDeployments'),
    ])
    .where('tenant_id', '=', tenantId)
    .where(matches(filter))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (ids) query = query.where('id', 'in', ids);
  if (releaseIds) query = query.where(sql<boolean>`release_id = any(${[...releaseIds]}::uuid[])`);
  if (cursor !== undefined) {
    const { at, id } = decodeCursor(cursor);
    query = query.where(sql<boolean>`(created_at, id) < (${at}::timestamptz, ${id}::uuid)`);
  }
  const rows = await query.execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(toArtifact),
    next: rows.length > limit && last ? encodeCursor(last.exactCreatedAt, last.id) : null,
  };
}

/** Throws 'not-found'. */
export async function getArtifact(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  id: string,
): Promise<Artifact> {
  const { items } = await listArtifacts(database, tenantId, scope, { ids: [id], limit: 1 });
  if (!items[0]) throw new LovelyError('not-found');
  return items[0];
}

/** Throws 'not-found' or 'changed-meanwhile'. */
export async function updateArtifact(
  database: Database,
  tenantId: string,
  id: string,
  { description }: { readonly description: string },
  ifVersion: number | undefined,
): Promise<void> {
  const { numUpdatedRows } = await database
    .updateTable('artifacts')
    .set({ description, version: sql`version + 1` })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where(isVersion(ifVersion))
    .executeTakeFirst();
  if (numUpdatedRows === 0n) await refuseStale(findContent(database, tenantId, id));
}

/** Throws 'not-found', 'changed-meanwhile' or 'artifact-in-use'. Its release goes with its last artifact. */
export async function deleteArtifact(
  database: Database,
  tenantId: string,
  id: string,
  ifVersion: number | undefined,
): Promise<void> {
  await inTransaction(database, async (transaction) => {
    const content = await findContent(transaction, tenantId, id);
    if (!content) throw new LovelyError('not-found');
    await requireUnused(transaction, tenantId, content.name);
    const { numDeletedRows } = await transaction
      .deleteFrom('artifacts')
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .where(isVersion(ifVersion))
      .executeTakeFirst();
    if (numDeletedRows === 0n) await refuseStale(findContent(transaction, tenantId, id));
    await sql`delete from releases where id = ${content.releaseId}
      and not exists (select from artifacts where release_id = releases.id)`.execute(transaction);
  });
}

/**
 * Within the transaction that deletes artifacts of this name. Throws 'artifact-in-use' where a deployment of it is not over;
 * one that is being made is waited for, and nobody makes one afterwards.
 */
export async function requireUnused(database: Database, tenantId: string, name: string): Promise<void> {
  await database
    .selectFrom('artifacts')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .orderBy('id')
    .forUpdate()
    .execute();
  const deployment = await database
    .selectFrom('deployments')
    .select('name')
    .where('tenant_id', '=', tenantId)
    .where('artifact_name', '=', name)
    .where('ended_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (deployment) throw new LovelyError('artifact-in-use', `The deployment "${deployment.name}" uses it.`);
}

export interface ArtifactContent {
  readonly name: string;
  readonly releaseId: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly createdAt: Date;
}

export async function findContent(
  database: Database,
  tenantId: string,
  id: string,
): Promise<ArtifactContent | undefined> {
  return await database
    .selectFrom('artifacts')
    .select(['name', 'release_id as releaseId', 'sha256', 'bytes', 'created_at as createdAt'])
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Whether a device may still download what it was offered. */
export async function isAccepted(database: Database, tenantId: string, deviceId: string): Promise<boolean> {
  if (!ID.test(deviceId)) return false;
  const device = await database
    .selectFrom('devices')
    .select('status')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', deviceId)
    .executeTakeFirst();
  return device?.status === 'accepted';
}

/** Houses of the scope that run the artifact's release and are of a type that it is for. */
function countHouses(scope: DeviceScope): RawBuilder<number> {
  const within =
    scope.kind === 'all'
      ? sql``
      : sql`join devices on devices.id = device_software.device_id and ${withinScope(scope)}`;
  return sql<number>`(select count(*) from device_software ${within}
    where device_software.tenant_id = artifacts.tenant_id and device_software.artifact_name = artifacts.name
      and (device_software.device_type is null or device_software.device_type = any(artifacts.device_types)))::int`;
}

/** Those with a house of the scope that are not over. */
function countDeployments(scope: DeviceScope): RawBuilder<number> {
  const within =
    scope.kind === 'all'
      ? sql`true`
      : sql`exists (select from deployment_devices as house join devices on devices.id = house.device_id
          where house.deployment_id = deployments.id and ${withinScope(scope)})`;
  return sql<number>`(select count(*) from deployments where deployments.tenant_id = artifacts.tenant_id
    and deployments.artifact_name = artifacts.name and deployments.ended_at is null and ${within})::int`;
}

type ArtifactRow = Selectable<Schema['artifacts']> & { usedBy: number; usedInDeployments: number };

function toArtifact(row: ArtifactRow): Artifact {
  return {
    id: row.id,
    releaseId: row.release_id,
    name: row.name,
    description: row.description,
    deviceTypes: row.device_types,
    payloads: row.payloads,
    provides: row.provides,
    depends: row.depends,
    clears: row.clears,
    scripts: row.scripts,
    compression: row.compression,
    format: row.format,
    isSigned: row.signature !== null,
    signedBy: row.signed_by,
    bytes: row.bytes,
    sha256: row.sha256,
    createdAt: row.created_at.toISOString(),
    createdBy: { type: row.created_by.type, name: row.created_by.name },
    usedBy: row.usedBy,
    usedInDeployments: row.usedInDeployments,
    version: row.version,
  };
}
