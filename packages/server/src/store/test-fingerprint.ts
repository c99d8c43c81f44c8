/** What a tenant has, in one comparable value: for tests that show that nothing of it was touched. */
import { sql } from 'kysely';
import type { Database } from './store.ts';

/** By table, how many rows are the tenant's and what they hash to. */
export async function fingerprintTenant(database: Database, tenantId: string): Promise<Record<string, string>> {
  const { rows: tables } = await sql<{ name: string }>`
    select table_name as name from information_schema.columns
    where table_schema = 'public' and column_name = 'tenant_id'`.execute(database);
  // In one query, as attacks look before and after each call.
  const each = tables.map(
    ({ name }) => sql`
      select ${name}::text as name, count(*) || ' ' || coalesce(md5(string_agg(r::text, '|' order by r::text)), '') as print
      from ${sql.table(name)} as r where tenant_id = ${tenantId}`,
  );
  const { rows } = await sql<{ name: string; print: string }>`${sql.join(each, sql` union all `)}`.execute(database);
  return Object.fromEntries(rows.map(({ name, print }) => [name, print]));
}
