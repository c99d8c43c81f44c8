/** Deletes alerts that were closed long ago, with their timelines, and incidents that are over. */
import { sql } from 'kysely';
import { ALERT_RETENTION_DAYS, ALERTS_DELETED_MAX } from '../limits.ts';
import type { Database } from './store.ts';

export async function deleteOldAlerts(database: Database): Promise<void> {
  const before = sql`now() - make_interval(days => ${ALERT_RETENTION_DAYS})`;
  await sql`
    delete from alerts where id in (
      select id from alerts where opened_at < ${before} and closed_at < ${before} limit ${ALERTS_DELETED_MAX})`.execute(
    database,
  );
  await sql`
    delete from incidents where id in (
      select id from incidents where closed_at < ${before} limit ${ALERTS_DELETED_MAX})`.execute(database);
}
