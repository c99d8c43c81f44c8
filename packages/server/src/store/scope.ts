/**
 * Connections that work for one tenant or for the system. The pool is shared; a connection changes sides when it is
 * taken for another scope than the last time, which costs one exchange, and nothing while the scope stays.
 */
import type { Pool, PoolClient } from 'pg';
import type { PostgresPool } from 'kysely';
import { TENANT_ROLE } from './migrations/0002-row-level-security.ts';

/** All tenants: what workers, hubs and those at the door need. */
export const SYSTEM = 'system';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A view of `pool` whose connections see what the scope may see: SYSTEM, or a tenant's id. */
export function scopedPool(pool: Pool, scope: string): PostgresPool {
  const enter = statementFor(scope);
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

const scopes = new WeakMap<PoolClient, string>();

function statementFor(scope: string): string {
  if (scope === SYSTEM) return `reset role; reset lovely.tenant`;
  if (!UUID.test(scope)) throw new TypeError('a tenant is named by its UUID');
  return `set role ${TENANT_ROLE}; set lovely.tenant = '${scope}'`;
}
