/** Makes time pass for webhooks, for tests. */
import { join } from 'node:path';
import { sql } from 'kysely';
import { createLog } from '../log.ts';
import { findRunningPostgres } from './embedded/embedded.ts';
import { openStore, type Database } from './store.ts';

/** As if everything had happened this much earlier. */
export async function passWebhookTime(database: Database, seconds: number): Promise<void> {
  const earlier = sql`make_interval(secs => ${seconds})`;
  await sql`update webhook_deliveries set created_at = created_at - ${earlier}, tries_from = tries_from - ${earlier},
    next_attempt_at = next_attempt_at - ${earlier}`.execute(database);
  await sql`update webhooks set failing_since = failing_since - ${earlier}, paused_until = paused_until - ${earlier},
    old_secret_until = old_secret_until - ${earlier}`.execute(database);
}

/** The same at a server that runs, by its LOVELY_DATA_DIR. */
export async function passWebhookTimeAt(dataDir: string, seconds: number): Promise<void> {
  const url = await findRunningPostgres(join(dataDir, 'postgres'));
  if (url === undefined) throw new Error(`no PostgreSQL has its data in ${dataDir}`);
  await using store = await openStore(url, createLog('silent'));
  await passWebhookTime(store.database, seconds);
}
