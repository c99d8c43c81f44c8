/** What roles come to before anybody has them. */
import { builtInRole, type Grant, type Permission } from '@lovely/api';
import { accessOf, type Access } from '../domain/access.ts';
import { LovelyError } from '../errors.ts';
import { deviceGroup } from './groups.ts';
import type { Database } from './store.ts';

/** What these roles would come to. Throws 'bad-input' for a role or group that the tenant hasn't got. */
export async function accessOfGrants(database: Database, tenantId: string, grants: readonly Grant[]): Promise<Access> {
  const ownRoles = await database
    .selectFrom('roles')
    .select(['id', 'permissions'])
    .where('tenant_id', '=', tenantId)
    .execute();
  const permissionsOf = new Map<string, Permission[]>(ownRoles.map(({ id, permissions }) => [id, permissions]));
  const groupIds = [...new Set(grants.flatMap((grant) => grant.groupIds ?? []))];
  const groups =
    groupIds.length === 0
      ? []
      : await database
          .selectFrom('groups')
          .select(['id', 'filter'])
          .where('tenant_id', '=', tenantId)
          .where('id', 'in', groupIds)
          .execute();
  for (const [index, { roleId, groupIds: wanted }] of grants.entries()) {
    const refuse = (member: string, why: string): never => {
      throw new LovelyError('bad-input', why, { pointer: `/grants/${index}/${member}` });
    };
    if (!builtInRole(roleId) && !permissionsOf.has(roleId)) refuse('roleId', 'There is no such role.');
    if (grants.findIndex((grant) => grant.roleId === roleId) < index) refuse('roleId', 'A role is given once.');
    if (wanted?.some((id) => !groups.some((group) => group.id === id))) refuse('groupIds', 'There is no such group.');
  }
  return accessOf(
    grants.map((grant) => ({ ...grant, permissions: permissionsOf.get(grant.roleId) ?? null })),
    groups.map(deviceGroup),
  );
}
