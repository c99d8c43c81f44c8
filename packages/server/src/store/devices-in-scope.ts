/** Whether devices are in a scope. */
import { sql } from 'kysely';
import type { DeviceScope } from '../domain/device-scope.ts';
import { withinScope } from './device-filter.ts';
import type { Database } from './store.ts';

/** Whether there are all of these devices, and in the scope. */
export async function areDevicesIn(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  ids: readonly string[],
): Promise<boolean> {
  const wanted = new Set(ids.map((id) => id.toLowerCase()));
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from devices
    where tenant_id = ${tenantId} and id = any(${[...wanted]}::uuid[]) and ${withinScope(scope)}`.execute(database);
  return rows[0]!.count === wanted.size;
}
