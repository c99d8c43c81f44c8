/** Uploads: what has arrived of them, and who may go on. Their parts are blobs. */
import { randomUUID } from 'node:crypto';
import { sql, type Selectable } from 'kysely';
import type { Upload, UploadKind } from '@lovely/api';
import type { ArtifactWish } from '../domain/artifact-wish.ts';
import { LovelyError } from '../errors.ts';
import { UPLOAD_CLAIM_MS, UPLOAD_KEPT_MS, UPLOADS_OF_TENANT_MAX } from '../software-limits.ts';
import type { Schema } from './schema.ts';
import type { StartedBy } from './schema/fixes.ts';
import { HOLDS_STORAGE, requireStorage } from './storage.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';

export type UploadRow = Selectable<Schema['uploads']>;

const KEPT_UNTIL = sql<Date>`now() + make_interval(secs => ${UPLOAD_KEPT_MS / 1000})`;

export interface NewUpload {
  readonly kind: UploadKind;
  readonly name: string;
  readonly description: string;
  readonly bytes: number;
  readonly wish?: ArtifactWish;
  readonly createdBy: StartedBy;
}

/** Sets its storage aside. Throws 'storage-limit' or 'limit-reached'. */
export async function insertUpload(database: Database, tenantId: string, upload: NewUpload): Promise<Upload> {
  return await inTransaction(database, async (transaction) => {
    await requireStorage(transaction, tenantId, upload.bytes);
    const { open } = await transaction
      .selectFrom('uploads')
      .select((eb) => eb.fn.countAll<number>().as('open'))
      .where('tenant_id', '=', tenantId)
      .where(sql<boolean>`${HOLDS_STORAGE}`)
      .executeTakeFirstOrThrow();
    if (open >= UPLOADS_OF_TENANT_MAX)
      throw new LovelyError('limit-reached', `At most ${UPLOADS_OF_TENANT_MAX} uploads are kept; give some up.`);
    const row = await transaction
      .insertInto('uploads')
      .values({
        id: randomUUID(),
        tenant_id: tenantId,
        kind: upload.kind,
        name: upload.name,
        description: upload.description,
        bytes: upload.bytes,
        state: upload.wish ? 'making' : 'arriving',
        wish: upload.wish ? JSON.stringify(upload.wish) : null,
        created_by: JSON.stringify(upload.createdBy),
        expires_at: KEPT_UNTIL,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toUpload(row);
  });
}

/** The newest first. */
export async function listUploads(database: Database, tenantId: string): Promise<Upload[]> {
  const rows = await database
    .selectFrom('uploads')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(UPLOADS_OF_TENANT_MAX)
    .execute();
  return rows.map(toUpload);
}

/** Throws 'not-found'. */
export async function getUpload(database: Database, tenantId: string, id: string): Promise<Upload> {
  return toUpload(await getRow(database, tenantId, id));
}

async function getRow(database: Database, tenantId: string, id: string): Promise<UploadRow> {
  const row = await database
    .selectFrom('uploads')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw new LovelyError('not-found');
  return row;
}

/** Throws 'not-found'. Whoever is writing to it finds it gone. */
export async function deleteUpload(database: Database, tenantId: string, id: string): Promise<void> {
  const { numDeletedRows } = await database
    .deleteFrom('uploads')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw new LovelyError('not-found');
}

/** Begins to write at an offset; a writer before is put off. Throws 'not-found', 'upload-over' or 'upload-offset'. */
export async function takeUpload(
  database: Database,
  tenantId: string,
  id: string,
  offset: number,
): Promise<UploadRow & { writer: string }> {
  const writer = randomUUID();
  const row = await database
    .updateTable('uploads')
    .set({ writer })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where('state', '=', 'arriving')
    .where('stored', '=', offset)
    .returningAll()
    .executeTakeFirst();
  if (row) return { ...row, writer };
  const found = await getRow(database, tenantId, id);
  if (found.state !== 'arriving') throw new LovelyError('upload-over', found.reason ?? `The upload is ${found.state}.`);
  throw new LovelyError('upload-offset', `It goes on at ${found.stored}.`);
}

export interface PartContent {
  readonly sha256: string;
  readonly bytes: number;
}

/** Adds a stored part; the last one ends the arriving. Throws 'upload-busy' when somebody else writes by now. */
export async function addPart(
  database: Database,
  { id, tenant_id: tenantId, writer, kind }: UploadRow,
  begin: number,
  { sha256, bytes }: PartContent,
): Promise<void> {
  await inTransaction(database, async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable('uploads')
      .set({
        stored: begin + bytes,
        expires_at: KEPT_UNTIL,
        state: sql`case when bytes > ${begin + bytes} then state when ${kind} = 'file' then 'done' else 'storing' end`,
      })
      .where('id', '=', id)
      .where('state', '=', 'arriving')
      .where('writer', '=', writer)
      .where('stored', '=', begin)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new LovelyError('upload-busy');
    await transaction
      .insertInto('upload_parts')
      .values({ upload_id: id, tenant_id: tenantId, begins_at: begin, bytes, sha256 })
      .execute();
  });
}

export interface UploadPart extends PartContent {
  readonly begin: number;
}

/** In order. */
export async function listParts(database: Database, uploadId: string): Promise<UploadPart[]> {
  return await database
    .selectFrom('upload_parts')
    .select(['begins_at as begin', 'bytes', 'sha256'])
    .where('upload_id', '=', uploadId)
    .orderBy('begins_at')
    .execute();
}

/** The files of a wish, which must be here whole. Throws 'bad-input'. */
export async function getFiles(
  database: Database,
  tenantId: string,
  ids: readonly string[],
): Promise<Map<string, { readonly bytes: number; readonly createdAt: Date }>> {
  const rows = await database
    .selectFrom('uploads')
    .select(['id', 'bytes', 'created_at as createdAt'])
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', 'file')
    .where('state', '=', 'done')
    .where(sql<boolean>`id = any(${[...ids]}::uuid[])`)
    .execute();
  const files = new Map(rows.map(({ id, ...file }) => [id, file]));
  const missing = ids.find((id) => !files.has(id));
  if (missing !== undefined)
    throw new LovelyError('bad-input', `There is no uploaded file ${missing}, or it is not here whole.`);
  return files;
}

/**
 * Ends it without an artifact: its parts go.
 * @param writer who found out while it arrived; without effect when somebody else writes by now. Throws 'upload-busy' then
 */
export async function refuseUpload(
  database: Database,
  id: string,
  { code, message }: Pick<LovelyError, 'code' | 'message'>,
  writer?: string,
): Promise<void> {
  await inTransaction(database, async (transaction) => {
    let update = transaction
      .updateTable('uploads')
      .set({ state: 'refused', code, reason: message, claimed_until: null, expires_at: KEPT_UNTIL })
      .where('id', '=', id);
    if (writer !== undefined) update = update.where('writer', '=', writer).where('state', '=', 'arriving');
    const { numUpdatedRows } = await update.executeTakeFirst();
    if (numUpdatedRows === 0n) throw new LovelyError('upload-busy');
    await transaction.deleteFrom('upload_parts').where('upload_id', '=', id).execute();
  });
}

/** Ends it: what it holds is free for the artifact, which is inserted behind it in the same transaction. */
export async function finishUpload(transaction: Database, id: string): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('uploads')
    .set({ state: 'done', stored: sql`bytes`, claimed_until: null, expires_at: KEPT_UNTIL })
    .where('id', '=', id)
    .where('state', 'in', ['storing', 'making'])
    .executeTakeFirst();
  await transaction.deleteFrom('upload_parts').where('upload_id', '=', id).execute();
  return numUpdatedRows > 0n;
}

export async function setArtifact(transaction: Database, id: string, artifactId: string, bytes: number): Promise<void> {
  await transaction
    .updateTable('uploads')
    .set({ artifact_id: artifactId, bytes, stored: bytes })
    .where('id', '=', id)
    .execute();
}

/** Files that an artifact was made of. */
export async function deleteUploads(transaction: Database, tenantId: string, ids: readonly string[]): Promise<void> {
  await transaction
    .deleteFrom('uploads')
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`id = any(${[...ids]}::uuid[])`)
    .execute();
}

/** One that is to be stored or made, for this process alone until the claim runs out. */
export async function claimUpload(database: Database): Promise<UploadRow | undefined> {
  const { rows } = await sql<{ id: string }>`
    update uploads set claimed_until = now() + make_interval(secs => ${UPLOAD_CLAIM_MS / 1000}) where id = (
      select id from uploads where state in ('making', 'storing') and (claimed_until is null or claimed_until < now())
      order by created_at limit 1 for update skip locked) returning id`.execute(database);
  return rows[0] && (await database.selectFrom('uploads').selectAll().where('id', '=', rows[0].id).executeTakeFirst());
}

/** False when it is gone. */
export async function renewClaim(database: Database, id: string): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable('uploads')
    .set({ claimed_until: sql`now() + make_interval(secs => ${UPLOAD_CLAIM_MS / 1000})` })
    .where('id', '=', id)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Gives a claim back: another process may go on at once. */
export async function releaseClaim(database: Database, id: string): Promise<void> {
  await database.updateTable('uploads').set({ claimed_until: null }).where('id', '=', id).execute();
}

/** Uploads that nobody has gone on with, and those that ended long ago. */
export async function deleteExpiredUploads(database: Database): Promise<number> {
  const { numDeletedRows } = await database
    .deleteFrom('uploads')
    .where('expires_at', '<', sql<Date>`now()`)
    .where(sql<boolean>`(claimed_until is null or claimed_until < now())`)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

function toUpload(row: UploadRow): Upload {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    bytes: row.bytes,
    offset: row.stored,
    state: row.state,
    reason: row.reason,
    code: row.code,
    artifactId: row.artifact_id,
    createdAt: row.created_at.toISOString(),
    createdBy: { type: row.created_by.type, name: row.created_by.name },
    expiresAt: row.expires_at.toISOString(),
  };
}
