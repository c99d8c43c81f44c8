/** Groups of devices. */
import type { DeviceGroup } from '../domain/device-scope.ts';
import { LovelyError } from '../errors.ts';
import type { Database } from './store.ts';

/** A group as what decides who is in it. Throws 'not-found'. */
export async function getDeviceGroup(database: Database, tenantId: string, id: string): Promise<DeviceGroup> {
  const row = await database
    .selectFrom('groups')
    .select(['id', 'kind', 'filter'])
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw new LovelyError('not-found');
  return row.filter === null ? { id, kind: 'static' } : { id, kind: 'dynamic', filter: row.filter };
}
