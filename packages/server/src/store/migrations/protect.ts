/** Row-level security of a tenant's table, as 0002-row-level-security.ts explains; for tables that come after it. */
const SCOPE = `(select current_setting('lovely.tenant', true))`;

export function protect(table: string): string[] {
  return [
    `alter table ${table} enable row level security`,
    `alter table ${table} force row level security`,
    `create policy tenant on ${table} using (${SCOPE} = 'system' or tenant_id::text = ${SCOPE})`,
  ];
}
