/** Roles given to people. */
import type { Grant } from '@lovely/api';
import type { Database } from './store.ts';

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
