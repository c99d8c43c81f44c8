/**
 * Which blobs there are. Content is stored first and used by a row then: meanwhile it is kept by its time here. Whoever
 * deletes a blob holds its row, so that nobody begins to use it at that moment.
 */
import { sql } from 'kysely';
import { BLOB_KEPT_MS } from '../software-limits.ts';
import type { Database } from './store.ts';

/** Keeps a blob for a while, though no row names it. @param database of the system */
export async function recordBlob(
  database: Database,
  { sha256, bytes }: { readonly sha256: string; readonly bytes: number },
): Promise<void> {
  await sql`insert into stored_blobs (sha256, bytes, kept_until)
    values (${sha256}, ${bytes}, now() + make_interval(secs => ${BLOB_KEPT_MS / 1000}))
    on conflict (sha256) do update set kept_until = excluded.kept_until`.execute(database);
}

/** Has a blob removed that no row of any tenant names; false where there is none. @param database of the system */
export async function deleteUnusedBlob(
  database: Database,
  remove: (sha256: string) => Promise<void>,
): Promise<boolean> {
  return await database.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ sha256: string }>`
      delete from stored_blobs where sha256 = (
        select sha256 from stored_blobs where kept_until < now()
          and not exists (select from artifacts where artifacts.sha256 = stored_blobs.sha256)
          and not exists (select from upload_parts where upload_parts.sha256 = stored_blobs.sha256)
        limit 1 for update skip locked)
      returning sha256`.execute(transaction);
    const [blob] = rows;
    if (blob) await remove(blob.sha256);
    return blob !== undefined;
  });
}
