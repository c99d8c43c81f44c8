/** Row-level security of a tenant's table, as 0002-row-level-security.ts explains; for tables that come after it. */
const SCOPE = `(select current_setting('lovely.tenant', true))`;

/**
 * Which rows a connection sees. As a CASE, because PostgreSQL takes that to be true for every other row and "either …
 * or …" for one in a hundred: with that it would sort tables instead of reading an index.
 */
export function seesOnly(tenant: string): string {
  return `(case when ${SCOPE} = 'system' then true else ${tenant}::text = ${SCOPE} end)`;
}

export function protect(table: string): string[] {
  return [
    `alter table ${table} enable row level security`,
    `alter table ${table} force row level security`,
    `create policy tenant on ${table} using ${seesOnly('tenant_id')}`,
  ];
}
