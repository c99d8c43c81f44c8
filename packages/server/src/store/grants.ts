/** Roles given to people. */
import { sql } from 'kysely';
import type { Grant, Permission } from '@lovely/api';
import { accessOf, type GrantedRole } from '../domain/access.ts';
import type { DeviceGroup } from '../domain/device-scope.ts';
import { deviceGroup, type GroupRecord } from './groups.ts';
import type { Database } from './store.ts';

/** A group that does something to the devices in it: roles are limited to it, or it sets their configuration. */
export interface GivingGroup {
  readonly group: DeviceGroup;
  readonly name: string;
  /** What roles let people do with its devices, and what the group itself does. */
  readonly permissions: readonly Permission[];
}

/** The groups that give somebody something or set something; or only this one, if it does. */
export async function listGivingGroups(database: Database, tenantId: string, groupId?: string): Promise<GivingGroup[]> {
  const only = groupId === undefined ? sql`true` : sql`groups.id = ${groupId}::uuid`;
  // What somebody is invited to counts as what they have: they accept when they like.
  const { rows } = await sql<
    Pick<GroupRecord, 'id' | 'name' | 'filter'> & { grants: GrantedRole[] | null; sets: boolean }
  >`
    with given as (
      select role_id, unnest(group_ids) as group_id from grants where tenant_id = ${tenantId}
      union select one ->> 'roleId', given_group.id::uuid
        from invitations, jsonb_array_elements(grants) as one,
          jsonb_array_elements_text(case jsonb_typeof(one -> 'groupIds') when 'array' then one -> 'groupIds' else '[]' end) as given_group(id)
        where tenant_id = ${tenantId} and expires_at > now())
    select groups.id, groups.name, groups.filter, jsonb_agg(jsonb_build_object(
      'roleId', given.role_id, 'groupIds', array[groups.id], 'permissions', roles.permissions))
      filter (where given.role_id is not null) as grants,
      exists (select from configuration_groups
        where configuration_groups.group_id = groups.id and configuration_groups.values <> '{}') as sets
    from groups left join given on given.group_id = groups.id
      left join roles on roles.id::text = given.role_id and roles.tenant_id = groups.tenant_id
    where groups.tenant_id = ${tenantId} and ${only}
    group by groups.id`.execute(database);
  return rows
    .map(({ grants, name, sets, ...row }) => {
      const group = deviceGroup(row);
      const given = new Set(accessOf(grants ?? [], [group]).keys());
      if (sets) given.add('configuration.write');
      return { group, name, permissions: [...given] };
    })
    .filter(({ permissions }) => permissions.length > 0);
}

/** Replaces what a user was given. */
export async function replaceGrants(
  database: Database,
  tenantId: string,
  userId: string,
  grants: readonly Grant[],
): Promise<void> {
  await database.deleteFrom('grants').where('tenant_id', '=', tenantId).where('user_id', '=', userId).execute();
  if (grants.length === 0) return;
  await database
    .insertInto('grants')
    .values(
      grants.map(({ roleId, groupIds }) => ({
        tenant_id: tenantId,
        user_id: userId,
        role_id: roleId,
        group_ids: groupIds && [...groupIds],
      })),
    )
    .execute();
}

/** What these users were given, by role. */
export async function listGrants(
  database: Database,
  tenantId: string,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, Grant[]>> {
  if (userIds.length === 0) return new Map();
  const rows = await database
    .selectFrom('grants')
    .select(['user_id as userId', 'role_id as roleId', 'group_ids as groupIds'])
    .where('tenant_id', '=', tenantId)
    .where('user_id', 'in', [...userIds])
    .orderBy('role_id')
    .execute();
  const grants = new Map<string, Grant[]>(userIds.map((id) => [id, []]));
  for (const { userId, roleId, groupIds } of rows) grants.get(userId)?.push({ roleId, groupIds });
  return grants;
}

/** The users who have a role that is limited to this group, or to this one among others. */
export async function listGroupUsers(database: Database, tenantId: string, groupId: string): Promise<string[]> {
  const rows = await database
    .selectFrom('grants')
    .select('user_id')
    .distinct()
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`${groupId}::uuid = any(group_ids)`)
    .execute();
  return rows.map((row) => row.user_id);
}
