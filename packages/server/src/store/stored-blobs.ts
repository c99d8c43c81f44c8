/**
 * Which blobs there are. Content is stored first and used by a row then: meanwhile it is kept by its time here. Whoever
 * deletes a blob holds its row, so that nobody begins to use it at that moment.
 */
import { sql } from 'kysely';
import type { Blobs, StoredBlob } from '../blobs/blobs.ts';
import { LovelyError } from '../errors.ts';
import { BLOB_KEPT_MS } from '../limits.ts';
import type { Database } from './store.ts';

/**
 * Says that content was stored that a row is going to name. @param database of the system
 * @throws LovelyError 'unavailable' where it was deleted at that very moment: it must be stored again
 */
export async function keepBlob(database: Database, blobs: Blobs, { sha256, bytes }: StoredBlob): Promise<void> {
  await sql`insert into stored_blobs (sha256, bytes, kept_until)
    values (${sha256}, ${bytes}, now() + make_interval(secs => ${BLOB_KEPT_MS / 1000}))
    on conflict (sha256) do update set kept_until = excluded.kept_until`.execute(database);
  if (!(await blobs.find(sha256))) throw new LovelyError('unavailable', 'The content went away; send it again.');
}

/** Deletes a blob that no row of any tenant names; false where there is none. @param database of the system */
export async function deleteUnusedBlob(database: Database, blobs: Blobs): Promise<boolean> {
  return await database.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ sha256: string }>`
      delete from stored_blobs where sha256 = (
        select sha256 from stored_blobs where kept_until < now()
          and not exists (select from artifacts where artifacts.sha256 = stored_blobs.sha256)
          and not exists (select from upload_parts where upload_parts.sha256 = stored_blobs.sha256)
        limit 1 for update skip locked)
      returning sha256`.execute(transaction);
    const [blob] = rows;
    if (blob) await blobs.delete(blob.sha256);
    return blob !== undefined;
  });
}
