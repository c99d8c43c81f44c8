/** People and their sign-ins. */
import { sql } from 'kysely';
import type { Permission, User } from '@lovely/api';
import type { Database } from './store.ts';

export interface UserRecord extends User {
  readonly passwordHash: string;
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
    permissions: readonly Permission[];
  },
): Promise<UserRecord | undefined> {
  const made = await database
    .insertInto('users')
    .values({
      id: user.id,
      tenant_id: user.tenantId,
      email: user.email,
      name: user.name,
      password_hash: user.passwordHash,
      permissions: [...user.permissions],
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return made.numInsertedOrUpdatedRows === 1n ? await findUserByEmail(database, user.email) : undefined;
}

/** Makes the first user of the system, and only the first: of several at once, one wins and the others get undefined. */
export async function insertFirstUser(
  database: Database,
  user: Parameters<typeof insertUser>[1],
): Promise<UserRecord | undefined> {
  return await database.transaction().execute(async (transaction) => {
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
      'users.permissions',
      'users.password_hash as passwordHash',
      'tenants.id as tenantId',
      'tenants.name as tenantName',
    ]);

type UserRow = Awaited<ReturnType<ReturnType<typeof selectUsers>['executeTakeFirstOrThrow']>>;

function toUser({ tenantId, tenantName, ...user }: UserRow): UserRecord {
  return { ...user, tenant: { id: tenantId, name: tenantName } };
}

export async function findUserByEmail(database: Database, email: string): Promise<UserRecord | undefined> {
  const row = await selectUsers(database)
    .where(sql`lower(users.email)`, '=', email.toLowerCase())
    .executeTakeFirst();
  return row && toUser(row);
}

export async function insertLogin(
  database: Database,
  login: { id: string; tenantId: string; userId: string; expiresAt: Date },
): Promise<void> {
  await database
    .insertInto('logins')
    .values({
      id: login.id,
      tenant_id: login.tenantId,
      user_id: login.userId,
      expires_at: login.expiresAt,
      revoked_at: null,
    })
    .execute();
}

/** The user behind a sign-in that has neither expired nor been revoked. */
export async function findUserByLogin(database: Database, loginId: string): Promise<UserRecord | undefined> {
  const row = await selectUsers(database)
    .innerJoin('logins', 'logins.user_id', 'users.id')
    .where('logins.id', '=', loginId)
    .where('logins.revoked_at', 'is', null)
    .where('logins.expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  return row && toUser(row);
}

export async function revokeLogin(database: Database, loginId: string): Promise<void> {
  await database
    .updateTable('logins')
    .set({ revoked_at: new Date() })
    .where('id', '=', loginId)
    .where('revoked_at', 'is', null)
    .execute();
}

export async function deleteExpiredLogins(database: Database): Promise<void> {
  await database
    .deleteFrom('logins')
    .where('expires_at', '<', sql<Date>`now() - interval '1 day'`)
    .execute();
}
