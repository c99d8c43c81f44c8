/** A tenant's own roles; the built-in ones are in @lovely/api. */
import { sql } from 'kysely';
import type { Permission } from '@lovely/api';
import { LovelyError } from '../errors.ts';
import { ROLES_MAX } from '../limits.ts';
import { isNameTaken } from './errors.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';

export interface RoleRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly permissions: Permission[];
  readonly version: number;
}

/** By name. */
export async function listRoles(database: Database, tenantId: string): Promise<RoleRecord[]> {
  return await selectRoles(database, tenantId)
    .orderBy(sql`lower(name)`)
    .execute();
}

/** How many people have each role, built-in or not; roles that nobody has are missing. */
export async function countRoleUsers(database: Database, tenantId: string): Promise<ReadonlyMap<string, number>> {
  const rows = await database
    .selectFrom('grants')
    .select(({ fn }) => ['role_id as roleId', fn.countAll<number>().as('users')])
    .where('tenant_id', '=', tenantId)
    .groupBy('role_id')
    .execute();
  return new Map(rows.map(({ roleId, users }) => [roleId, users]));
}

/** Throws 'name-taken' or 'limit-reached'. */
export async function insertRole(
  database: Database,
  tenantId: string,
  { id, name, description, permissions }: Omit<RoleRecord, 'version'>,
): Promise<void> {
  await inTransaction(database, async (transaction) => {
    // Two that are made at the same time wait for each other, or both would be the last that fits.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`roles ${tenantId}`}, 0))`.execute(transaction);
    const { count } = await transaction
      .selectFrom('roles')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow();
    if (count >= ROLES_MAX) throw new LovelyError('limit-reached', `There are ${ROLES_MAX} roles already.`);
    await naming(
      transaction.insertInto('roles').values({ id, tenant_id: tenantId, name, description, permissions }).execute(),
    );
  });
}

/**
 * The role, which nobody else changes or deletes until the transaction ends.
 * Throws 'not-found', or 'changed-meanwhile' when it isn't the version that was named.
 */
export async function lockRole(
  database: Database,
  tenantId: string,
  id: string,
  ifVersion: number | undefined,
): Promise<RoleRecord> {
  const role = await selectRoles(database, tenantId).where('id', '=', id).forUpdate().executeTakeFirst();
  if (!role) throw new LovelyError('not-found');
  if (ifVersion !== undefined && role.version !== ifVersion) throw new LovelyError('changed-meanwhile');
  return role;
}

/** Changes a role that is locked. Throws 'name-taken'. */
export async function updateRole(
  database: Database,
  tenantId: string,
  id: string,
  { name, description, permissions }: Omit<RoleRecord, 'id' | 'version'>,
): Promise<void> {
  await naming(
    database
      .updateTable('roles')
      .set({ name, description, permissions, version: sql`version + 1` })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .execute(),
  );
}

/** Deletes a role; whoever has it loses it. */
export async function deleteRole(database: Database, tenantId: string, id: string): Promise<void> {
  await database.deleteFrom('grants').where('tenant_id', '=', tenantId).where('role_id', '=', id).execute();
  await database.deleteFrom('roles').where('tenant_id', '=', tenantId).where('id', '=', id).execute();
}

/** The users who have a role. */
export async function listRoleUsers(database: Database, tenantId: string, roleId: string): Promise<string[]> {
  const rows = await database
    .selectFrom('grants')
    .select('user_id')
    .where('tenant_id', '=', tenantId)
    .where('role_id', '=', roleId)
    .execute();
  return rows.map((row) => row.user_id);
}

const selectRoles = (database: Database, tenantId: string) =>
  database
    .selectFrom('roles')
    .select(['id', 'name', 'description', 'permissions', 'version'])
    .where('tenant_id', '=', tenantId);

async function naming<T>(change: Promise<T>): Promise<T> {
  return await change.catch((error: unknown) => {
    if (!isNameTaken(error)) throw error;
    throw new LovelyError('name-taken', 'There is a role with this name already.', { cause: error, pointer: '/name' });
  });
}
