/** Fixes that install software: the deployment that a run waits for. */
import { sql, type Kysely } from 'kysely';

export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`alter table fix_runs add column deployment_id uuid references deployments on delete set null`.execute(
    database,
  );
  await sql`create index fix_runs_deployment on fix_runs (deployment_id) where deployment_id is not null`.execute(
    database,
  );
}
