/**
 * Connections that work for one tenant or for the system. The pool is shared; a connection changes sides when it is
 * taken for another scope than the last time, which costs one exchange, and nothing while the scope stays.
 */
import { sql, type PostgresPool } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { STATEMENT_TIMEOUT_MS } from '../limits.ts';
import type { Database } from './store.ts';

/** All tenants: what workers, hubs and those at the door need. */
export const SYSTEM = 'system';

/** Superusers pass row-level security by; working for a tenant, they do so as this role, which doesn't. */
const TENANT_ROLE = 'lovely_tenant';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * A view of `pool` whose connections see what the scope may see: SYSTEM, or a tenant's id.
 * @param isSuperuser whether row-level security doesn't bind the pool's own user; then `ensureTenantRole` comes first
 */
export function scopedPool(pool: Pool, scope: string, isSuperuser: boolean): PostgresPool {
  if (scope !== SYSTEM && !UUID.test(scope)) throw new TypeError('a tenant is named by its UUID');
  const role = scope === SYSTEM ? 'reset role' : `set role ${TENANT_ROLE}`;
  const enter = `${isSuperuser ? `${role}; ` : ''}set lovely.tenant = '${scope}'; set statement_timeout = ${timeoutMsOf(scope)}`;
  return {
    async connect() {
      const client = await pool.connect();
      if (scopes.get(client) === scope) return client;
      // Unknown until the statement has succeeded: a connection that fails half-way is not trusted with the old scope.
      scopes.delete(client);
      try {
        await client.query(enter);
      } catch (error) {
        client.release(true);
        throw error;
      }
      scopes.set(client, scope);
      return client;
    },
    end: () => Promise.resolve(),
    // A client of pg is one of Kysely's; only their overloads of `query` are declared differently.
  } as unknown as PostgresPool;
}

/** What people ask for must not keep a connection for long; migrations, workers and retention take the time they need. */
function timeoutMsOf(scope: string): number {
  return scope === SYSTEM ? 0 : STATEMENT_TIMEOUT_MS;
}

const scopes = new WeakMap<PoolClient, string>();

export async function isSuperuser(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ passes: boolean }>(
    'select rolsuper or rolbypassrls as passes from pg_roles where rolname = current_user',
  );
  return rows[0]?.passes ?? false;
}

/**
 * Runs `work` with the rows of all tenants in sight, in a transaction that works for one: for what administrators of the
 * system do, together with its entry in the log of their own tenant. When `work` throws, the transaction must not go on.
 */
export async function asSystem<T>(transaction: Database, work: () => Promise<T>): Promise<T> {
  if (!transaction.isTransaction) throw new TypeError('only a transaction can change its scope for a while');
  const { rows } = await sql<{ tenant: string; role: string }>`
    select current_setting('lovely.tenant') as tenant, current_setting('role') as role`.execute(transaction);
  const { tenant, role } = rows[0]!;
  await enterScope(transaction, SYSTEM, 'none');
  const result = await work();
  await enterScope(transaction, tenant, role);
  return result;
}

/** Until the transaction ends, whatever happens to it. */
async function enterScope(transaction: Database, tenant: string, role: string): Promise<void> {
  await sql`select set_config('role', ${role}, true), set_config('lovely.tenant', ${tenant}, true),
    set_config('statement_timeout', ${String(timeoutMsOf(tenant))}, true)`.execute(transaction);
}

/** Makes the role of TENANT_ROLE with rights on all tables; roles belong to the server, so it may be there already. */
export async function ensureTenantRole(pool: Pool): Promise<void> {
  await pool.query(`do $$ begin
      create role ${TENANT_ROLE} nologin;
    exception when duplicate_object or unique_violation then null;
    end $$`);
  await pool.query(`do $$ begin
      perform pg_advisory_xact_lock(hashtext('${TENANT_ROLE}'));
      grant select, insert, update, delete on all tables in schema public to ${TENANT_ROLE};
      revoke all on keys, command_keys, hubs, sign_in_attempts, history_marks, stored_blobs from ${TENANT_ROLE};
    end $$`);
}
