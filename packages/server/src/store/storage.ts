/** What artifacts and uploads of a tenant take, against what they may. */
import { sql } from 'kysely';
import { LovelyError } from '../errors.ts';
import type { Database } from './store.ts';

/** Uploads that hold storage: what is under way, and files that something can be made of. */
export const HOLDS_STORAGE = sql`(uploads.state in ('arriving', 'making', 'storing')
  or (uploads.kind = 'file' and uploads.state = 'done'))`;

export interface Storage {
  readonly usedBytes: number;
  /** Null: without a limit. */
  readonly limitBytes: number | null;
}

export async function getStorage(database: Database, tenantId: string): Promise<Storage> {
  const { rows } = await sql<Storage>`
    select (limits ->> 'storageBytes')::bigint as "limitBytes",
      ((select coalesce(sum(bytes), 0) from artifacts where tenant_id = tenants.id)
        + (select coalesce(sum(bytes), 0) from uploads where tenant_id = tenants.id and ${HOLDS_STORAGE}))::bigint as "usedBytes"
    from tenants where id = ${tenantId}`.execute(database);
  if (!rows[0]) throw new LovelyError('not-found');
  return rows[0];
}

/** Throws 'storage-limit'. Nobody else of the tenant takes storage until the transaction ends. */
export async function requireStorage(transaction: Database, tenantId: string, bytes: number): Promise<void> {
  // A statement of its own: one that waits for the row sums up what there was before it waited.
  await sql`select from tenants where id = ${tenantId} for no key update`.execute(transaction);
  const { usedBytes, limitBytes } = await getStorage(transaction, tenantId);
  if (limitBytes !== null && usedBytes + bytes > limitBytes)
    throw new LovelyError(
      'storage-limit',
      `It has ${bytes} bytes; of ${limitBytes} bytes, ${Math.max(0, limitBytes - usedBytes)} are left.`,
    );
}
