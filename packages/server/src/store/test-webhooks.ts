/** Makes time pass for webhooks, for tests. */
import { sql } from 'kysely';
import type { Database } from './store.ts';

/** As if everything had happened this much earlier. */
export async function passWebhookTime(database: Database, seconds: number): Promise<void> {
  const earlier = sql`make_interval(secs => ${seconds})`;
  await sql`update webhook_deliveries set created_at = created_at - ${earlier}, tries_from = tries_from - ${earlier},
    next_attempt_at = next_attempt_at - ${earlier}`.execute(database);
  await sql`update webhooks set failing_since = failing_since - ${earlier}, paused_until = paused_until - ${earlier},
    old_secret_until = old_secret_until - ${earlier}`.execute(database);
}
