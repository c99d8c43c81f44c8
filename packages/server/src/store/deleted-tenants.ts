/** Tenants that are gone: what their devices' tokens are void by, until the last of them has expired. */
import { sql } from 'kysely';
import { DEVICE_TOKEN_SECONDS } from '../limits.ts';
import type { Database } from './store.ts';

export async function insertDeletedTenant(database: Database, tenantId: string): Promise<void> {
  await database
    .insertInto('deleted_tenants')
    .values({
      tenant_id: tenantId,
      expires_at: sql<Date>`now() + make_interval(secs => ${DEVICE_TOKEN_SECONDS})`,
    })
    .execute();
}

/** Those whose tokens could still be alive. */
export async function listDeletedTenants(database: Database): Promise<string[]> {
  const rows = await database
    .selectFrom('deleted_tenants')
    .select('tenant_id')
    .where('expires_at', '>', sql<Date>`now()`)
    .execute();
  return rows.map((row) => row.tenant_id);
}

export async function forgetDeletedTenants(database: Database): Promise<void> {
  await database
    .deleteFrom('deleted_tenants')
    .where('expires_at', '<', sql<Date>`now()`)
    .execute();
}
