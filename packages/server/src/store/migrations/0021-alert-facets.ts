/** Active alerts in few columns, so that a hundred thousand are counted from an index alone. */
import { sql, type Kysely } from 'kysely';

export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`create index alerts_facets on alerts (tenant_id, state, rule, severity, assignee_id)
    where closed_at is null`.execute(database);
}
