/**
 * The houses that a change of a group still has to come to. They are found once: which of a hundred thousand are next would
 * cost as much as finding all of them, each time.
 */
import { sql, type Kysely } from 'kysely';
import { protect } from './protect.ts';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `create table configuration_job_houses (
    job_id bigint not null references configuration_jobs on delete cascade,
    device_id uuid not null,
    tenant_id uuid not null,
    primary key (job_id, device_id)
  )`,
  ...protect('configuration_job_houses'),
  // Changes that are under way find theirs now.
  `update configuration_jobs set total = null, done = 0, after_id = default where ended_at is null`,
];
