/** Which alert messages were stored, so that one that is told again changes nothing. */
import { sql } from 'kysely';
import type { Store } from './store.ts';

/** Forgets that messages were told that came longer ago; the alerts stay. */
export async function deleteOldAlertMessages({ database }: Store, retentionHours: number): Promise<void> {
  await database
    .deleteFrom('alert_messages')
    .where('received_at', '<', sql<Date>`now() - make_interval(hours => ${retentionHours})`)
    .execute();
}
