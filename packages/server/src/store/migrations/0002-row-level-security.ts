/**
 * Row-level security: whoever works for one tenant does so as the role `lovely_tenant`, to which PostgreSQL shows the rows
 * of the tenant in the setting `lovely.tenant` and no others. A forgotten filter then finds nothing of anybody else's.
 * The owner of the tables, as whom workers and hubs work for all tenants, is not bound by it.
 */
import { sql, type Kysely } from 'kysely';

export const TENANT_ROLE = 'lovely_tenant';

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
const CURRENT = `nullif(current_setting('lovely.tenant', true), '')::uuid`;

export async function up(database: Kysely<unknown>): Promise<void> {
  await createRole(database);
  const statements = [
    `grant select on tenants to ${TENANT_ROLE}`,
    `alter table tenants enable row level security`,
    `create policy tenant on tenants to ${TENANT_ROLE} using (id = (select ${CURRENT}))`,
    ...TABLES.flatMap((table) => [
      `grant select, insert, update, delete on ${table} to ${TENANT_ROLE}`,
      `alter table ${table} enable row level security`,
      `create policy tenant on ${table} to ${TENANT_ROLE} using (tenant_id = (select ${CURRENT}))`,
    ]),
  ];
  for (const statement of statements) await sql.raw(statement).execute(database);
}

/** Roles belong to the whole server, so another database may have made it already, or make it at the same moment. */
async function createRole(database: Kysely<unknown>): Promise<void> {
  try {
    await sql
      .raw(
        `do $$ begin
          create role ${TENANT_ROLE} nologin;
        exception when duplicate_object or unique_violation then null;
        end $$`,
      )
      .execute(database);
    await sql.raw(`grant ${TENANT_ROLE} to current_user`).execute(database);
  } catch (cause) {
    throw new Error(
      `The database user of LOVELY_DATABASE_URL may not make the role ${TENANT_ROLE}. Let it (alter role … createrole), or run as a superuser: create role ${TENANT_ROLE} nologin; grant ${TENANT_ROLE} to <the user>;`,
      { cause },
    );
  }
}
