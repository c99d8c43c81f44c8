/** Deletes the history of devices that are deleted: nobody can ask for it any more, and a worker has the time. */
import { sql } from 'kysely';
import { HISTORY_DELETION_DELAY_SECONDS, HISTORY_DELETIONS_MAX } from '../limits.ts';
import { HISTORY_TABLES } from './history.ts';
import type { Store } from './store.ts';

/** Returns how many devices it was for; one worker at a time. */
export async function deleteHistories(store: Store, delaySeconds = HISTORY_DELETION_DELAY_SECONDS): Promise<number> {
  let deleted = 0;
  for (;;) {
    const devices = await deleteSome(store, delaySeconds);
    deleted += devices;
    if (devices < HISTORY_DELETIONS_MAX) return deleted;
  }
}

async function deleteSome(store: Store, delaySeconds: number): Promise<number> {
  return await store.database.transaction().execute(async (transaction) => {
    const { rows: locks } = await sql<{ isMine: boolean }>`
      select pg_try_advisory_xact_lock(hashtext('history')) as "isMine"`.execute(transaction);
    if (!locks[0]!.isMine) return 0;
    const { rows } = await sql<{ id: string }>`
      select device_id as id from deleted_histories where deleted_at < now() - make_interval(secs => ${delaySeconds})
      order by deleted_at limit ${HISTORY_DELETIONS_MAX}`.execute(transaction);
    const ids = rows.map(({ id }) => id);
    if (ids.length === 0) return 0;
    for (const table of Object.values(HISTORY_TABLES))
      await sql`delete from ${sql.table(table)} where device_id = any(${ids}::uuid[])`.execute(transaction);
    await sql`delete from deleted_histories where device_id = any(${ids}::uuid[])`.execute(transaction);
    return ids.length;
  });
}
