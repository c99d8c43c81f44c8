/**
 * Row-level security: PostgreSQL shows a connection the rows of the tenant that it works for and no others, so that a
 * forgotten filter finds nothing of anybody else's. A connection says whom it works for in the setting `lovely.tenant`
 * (scope.ts): a tenant's id, or `system` for workers, hubs, and whoever is still at the door. Without it there are no rows.
 */
import { sql, type Kysely } from 'kysely';

const TABLES = [
  'users',
  'logins',
  'devices',
  'auth_sets',
  'revocations',
  'presence',
  'status_messages',
  'status_values',
  'rules',
  'alerts',
  'alert_messages',
];

/** Read once a statement; as text, because `system` is no uuid. */
const SCOPE = `(select current_setting('lovely.tenant', true))`;

export async function up(database: Kysely<unknown>): Promise<void> {
  const protect = (table: string, tenant: string): string[] => [
    `alter table ${table} enable row level security`,
    // The owner of the tables, as whom this program runs, is bound by it too.
    `alter table ${table} force row level security`,
    `create policy tenant on ${table} using (${SCOPE} = 'system' or ${tenant}::text = ${SCOPE})`,
  ];
  const statements = [...protect('tenants', 'id'), ...TABLES.flatMap((table) => protect(table, 'tenant_id'))];
  for (const statement of statements) await sql.raw(statement).execute(database);
}
