/** People who can look after an alert: those who may see its house. */
import type { PersonName } from '@lovely/api';
import { ASSIGNEES_MAX } from '../limits.ts';
import { isDeviceIn } from './devices.ts';
import type { Database } from './store.ts';
import { listTenantUsers, type UserRecord } from './users.ts';

export async function listAssignees(database: Database, tenantId: string, deviceId: string): Promise<PersonName[]> {
  const people: PersonName[] = [];
  for (const user of await listTenantUsers(database, tenantId, ASSIGNEES_MAX))
    if (await maySee(database, user, deviceId)) people.push({ id: user.id, name: user.name });
  return people;
}

/** Whether somebody may see a house, and may sign in at all. */
export async function maySee(database: Database, user: UserRecord, deviceId: string): Promise<boolean> {
  const scope = user.isDisabled ? undefined : user.access.get('fleet.read');
  if (!scope) return false;
  return scope.kind === 'all' || (await isDeviceIn(database, user.tenant.id, scope, deviceId));
}
