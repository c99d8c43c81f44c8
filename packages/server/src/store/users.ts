/** People and their sign-ins. */
import { sql } from 'kysely';
import type { Grant, Login } from '@lovely/api';
import { accessOf, type Access, type GrantedRole } from '../domain/access.ts';
import type { DeviceGroup } from '../domain/device-scope.ts';
import { replaceGrants } from './grants.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';

export interface UserRecord {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly tenant: { readonly id: string; readonly name: string };
  readonly passwordHash: string;
  /** May not sign in until an administrator says otherwise. */
  readonly isDisabled: boolean;
  /** The tenant asks everybody for a second factor. */
  readonly needsSecondFactor: boolean;
  /** What their roles come to. */
  readonly access: Access;
}

export async function countUsers(database: Database): Promise<number> {
  const row = await database
    .selectFrom('users')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return row.count;
}

/** Makes a user. Returns undefined when the e-mail address is taken. */
export async function insertUser(
  database: Database,
  user: {
    id: string;
    tenantId: string;
    email: string;
    name: string;
    passwordHash: string;
    grants: readonly Grant[];
  },
): Promise<UserRecord | undefined> {
  return await inTransaction(database, async (transaction) => {
    const made = await transaction
      .insertInto('users')
      .values({
        id: user.id,
        tenant_id: user.tenantId,
        email: user.email,
        name: user.name,
        password_hash: user.passwordHash,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (made.numInsertedOrUpdatedRows !== 1n) return undefined;
    await replaceGrants(transaction, user.tenantId, user.id, user.grants);
    return await findUserByEmail(transaction, user.email);
  });
}

/** Makes the first user of the system, and only the first: of several at once, one wins and the others get undefined. */
export async function insertFirstUser(
  database: Database,
  user: Parameters<typeof insertUser>[1],
): Promise<UserRecord | undefined> {
  return await inTransaction(database, async (transaction) => {
    await sql`lock table users in share row exclusive mode`.execute(transaction);
    if ((await countUsers(transaction)) > 0) return undefined;
    return await insertUser(transaction, user);
  });
}

const selectUsers = (database: Database) =>
  database
    .selectFrom('users')
    .innerJoin('tenants', 'tenants.id', 'users.tenant_id')
    .select([
      'users.id',
      'users.email',
      'users.name',
      'users.password_hash as passwordHash',
      sql<boolean>`users.disabled_at is not null`.as('isDisabled'),
      sql<boolean>`coalesce((tenants.settings->>'requireSecondFactor')::boolean, false)`.as('needsSecondFactor'),
      'tenants.id as tenantId',
      'tenants.name as tenantName',
      sql<GrantedRole[]>`coalesce((select jsonb_agg(jsonb_build_object(
          'roleId', grants.role_id, 'groupIds', grants.group_ids, 'permissions', roles.permissions))
        from grants left join roles on roles.id::text = grants.role_id and roles.tenant_id = users.tenant_id
        where grants.user_id = users.id), '[]')`.as('grants'),
      sql<DeviceGroup[]>`coalesce((select jsonb_agg(jsonb_build_object(
          'id', groups.id, 'kind', groups.kind, 'filter', groups.filter))
        from groups where groups.tenant_id = users.tenant_id
          and groups.id in (select unnest(group_ids) from grants where grants.user_id = users.id)), '[]')`.as('groups'),
    ]);

type UserRow = Awaited<ReturnType<ReturnType<typeof selectUsers>['executeTakeFirstOrThrow']>>;

function toUser({ tenantId, tenantName, grants, groups, ...user }: UserRow): UserRecord {
  return { ...user, tenant: { id: tenantId, name: tenantName }, access: accessOf(grants, groups) };
}

export async function findUserByEmail(database: Database, email: string): Promise<UserRecord | undefined> {
  const row = await selectUsers(database)
    .where(sql`lower(users.email)`, '=', email.toLowerCase())
    .executeTakeFirst();
  return row && toUser(row);
}

export async function findUser(database: Database, id: string): Promise<UserRecord | undefined> {
  const row = await selectUsers(database).where('users.id', '=', id).executeTakeFirst();
  return row && toUser(row);
}

/** Users of a tenant by name, with what they may do. */
export async function listTenantUsers(database: Database, tenantId: string, limit: number): Promise<UserRecord[]> {
  const rows = await selectUsers(database)
    .where('users.tenant_id', '=', tenantId)
    .orderBy('users.name')
    .orderBy('users.id')
    .limit(limit)
    .execute();
  return rows.map(toUser);
}

export async function renameUser(database: Database, id: string, name: string): Promise<void> {
  await database
    .updateTable('users')
    .set({ name, version: sql`version + 1` })
    .where('id', '=', id)
    .execute();
}

/** @param replaced the hash it takes the place of: another change meanwhile wins */
export async function setPasswordHash(
  database: Database,
  userId: string,
  passwordHash: string,
  replaced?: string,
): Promise<void> {
  await database
    .updateTable('users')
    .set({ password_hash: passwordHash })
    .where('id', '=', userId)
    .$if(replaced !== undefined, (query) => query.where('password_hash', '=', replaced!))
    .execute();
}

export async function insertLogin(
  database: Database,
  login: {
    id: string;
    tenantId: string;
    userId: string;
    expiresAt: Date;
    method?: Login['method'];
    hasSecondFactor?: boolean;
    address?: string;
    userAgent?: string;
  },
): Promise<void> {
  await database
    .insertInto('logins')
    .values({
      id: login.id,
      tenant_id: login.tenantId,
      user_id: login.userId,
      expires_at: login.expiresAt,
      revoked_at: null,
      method: login.method ?? 'password',
      has_second_factor: login.hasSecondFactor ?? false,
      address: login.address ?? null,
      user_agent: login.userAgent ?? '',
    })
    .execute();
  await database
    .updateTable('users')
    .set({ last_login_at: sql`now()` })
    .where('id', '=', login.userId)
    .execute();
}

export async function deleteExpiredLogins(database: Database): Promise<void> {
  await database
    .deleteFrom('logins')
    .where('expires_at', '<', sql<Date>`now() - interval '1 day'`)
    .execute();
}
