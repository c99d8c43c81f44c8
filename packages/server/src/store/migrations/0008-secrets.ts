/** Keys of the system rotate: those that sign tokens, and new ones that seal what is kept secret in other tables. */
import { sql, type Kysely } from 'kysely';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `alter table signing_keys rename to keys`,
  `alter table keys rename private_key to secret`,
  `alter table keys add kind text not null default 'signing'`,
  `alter table keys alter kind drop default`,
  // A key is made some time before it is used, so that every process knows it by then, and kept some time after.
  `alter table keys add used_from timestamptz not null default now()`,
  `alter table keys add retires_at timestamptz`,
  `alter table keys add voided_at timestamptz`,
  // Whoever works for a tenant sees none of them, whatever the role of the connection.
  `alter table keys enable row level security`,
  `alter table keys force row level security`,
  `create policy system on keys using ((select current_setting('lovely.tenant', true)) = 'system')`,
];
