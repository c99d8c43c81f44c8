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

/** @param isLocked whether nobody else of the tenant may take storage until the transaction ends */
export async function getStorage(database: Database, tenantId: string, isLocked = false): Promise<Storage> {
  const { rows } = await sql<Storage>`
    select (limits ->> 'storageBytes')::bigint as "limitBytes",
      ((select coalesce(sum(bytes), 0) from artifacts where tenant_id = tenants.id)
        + (select coalesce(sum(bytes), 0) from uploads where tenant_id = tenants.id and ${HOLDS_STORAGE}))::bigint as "usedBytes"
    from tenants where id = ${tenantId} ${isLocked ? sql`for no key update` : sql``}`.execute(database);
  if (!rows[0]) throw new LovelyError('not-found');
  return rows[0];
}

/** Throws 'storage-limit'. Holds the tenant's row until the transaction ends. */
export async function requireStorage(database: Database, tenantId: string, bytes: number): Promise<void> {
  const { usedBytes, limitBytes } = await getStorage(database, tenantId, true);
  if (limitBytes !== null && usedBytes + bytes > limitBytes)
    throw new LovelyError(
      'storage-limit',
      `It has ${bytes} bytes; of ${limitBytes} bytes, ${Math.max(0, limitBytes - usedBytes)} are left.`,
    );
}
