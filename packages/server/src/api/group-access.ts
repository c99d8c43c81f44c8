/**
 * Groups decide who may do what with which house, and set their configuration, so putting a house into a group can give it
 * away. The rule: whoever brings a house into a group must hold, for that house, everything that roles limited to the group
 * allow, and configuration.write where the group sets something; for a filter, which takes houses that nobody has seen yet,
 * for all houses. So nobody widens what they may do themselves, or gives others more than they have. Taking a house out, and
 * groups that do neither, are free. What devices say of themselves, and letting a new device join, may bring it into a
 * dynamic group, as these are made for (docs/decisions/0011-who-may-fill-a-group.md).
 */
import type { Permission } from '@lovely/api';
import { LovelyError } from '../errors.ts';
import { areDevicesIn } from '../store/devices-in-scope.ts';
import { listGivingGroups, type GivingGroup } from '../store/grants.ts';
import { groupsOf } from '../store/groups.ts';
import type { Database } from '../store/store.ts';
import { ALL_DEVICES } from '../domain/device-scope.ts';
import type { Person } from './context.ts';

/** @param deviceIds the devices to come into the group; 'any' where that is open. Throws 'not-allowed'. */
export async function requireMayFill(
  person: Person,
  database: Database,
  groupId: string,
  deviceIds: readonly string[] | 'any',
): Promise<void> {
  for (const giving of await listGivingGroups(database, person.tenantId, groupId))
    for (const permission of giving.permissions)
      if (!(await holdsFor(person, database, permission, deviceIds))) throw refusal(giving, permission);
}

/**
 * Changes what people say of a house, its name, address or tags, unless that would bring it into a group whose roles
 * allow what the person may not do with it. Throws 'not-allowed'.
 */
export async function keepingGroups<T>(
  person: Person,
  database: Database,
  deviceId: string,
  make: () => Promise<T>,
): Promise<T> {
  const giving = (await listGivingGroups(database, person.tenantId)).filter(({ group }) => group.kind === 'dynamic');
  if (giving.length === 0) return await make();
  const groups = giving.map(({ group }) => group);
  const before = await groupsOf(database, person.tenantId, ALL_DEVICES, deviceId, groups);
  const held = new Set<Permission>();
  for (const permission of new Set(giving.flatMap(({ permissions }) => permissions)))
    if (await holdsFor(person, database, permission, [deviceId])) held.add(permission);
  const made = await make();
  const after = await groupsOf(database, person.tenantId, ALL_DEVICES, deviceId, groups);
  for (const entered of giving.filter(({ group }) => after.has(group.id) && !before.has(group.id)))
    for (const permission of entered.permissions) if (!held.has(permission)) throw refusal(entered, permission);
  return made;
}

async function holdsFor(
  person: Person,
  database: Database,
  permission: Permission,
  deviceIds: readonly string[] | 'any',
): Promise<boolean> {
  if (!person.may(permission)) return false;
  const scope = person.scope(permission);
  if (scope.kind === 'all') return true;
  return deviceIds !== 'any' && (await areDevicesIn(database, person.tenantId, scope, deviceIds));
}

function refusal({ name }: GivingGroup, permission: Permission): LovelyError {
  return new LovelyError(
    'not-allowed',
    `"${name}", or who has a role in it, does more with its houses (${permission}) than you may do with these.`,
  );
}
