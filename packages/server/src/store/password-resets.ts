/** Links by which users set a new password. */
import { sql } from 'kysely';
import { PASSWORD_RESET_SECONDS, PASSWORD_RESETS_PER_USER_MAX } from '../limits.ts';
import type { Database } from './store.ts';

/**
 * Returns when it expires, or undefined when the user has as many links that work as they may have: then the oldest
 * makes room if `isAskedByAdministrator`, so that a stranger who asks again and again hinders nobody.
 */
export async function insertPasswordReset(
  database: Database,
  reset: { id: string; tenantId: string; userId: string; codeHash: Buffer },
  isAskedByAdministrator: boolean,
): Promise<Date | undefined> {
  const open = await database
    .selectFrom('password_resets')
    .select('id')
    .where('user_id', '=', reset.userId)
    .where('expires_at', '>', sql<Date>`now()`)
    .orderBy('created_at', 'desc')
    .execute();
  const surplus = open.slice(PASSWORD_RESETS_PER_USER_MAX - 1).map(({ id }) => id);
  if (surplus.length > 0 && !isAskedByAdministrator) return undefined;
  if (surplus.length > 0) await database.deleteFrom('password_resets').where('id', 'in', surplus).execute();
  const { expires_at: expiresAt } = await database
    .insertInto('password_resets')
    .values({
      id: reset.id,
      tenant_id: reset.tenantId,
      user_id: reset.userId,
      code_hash: reset.codeHash,
      expires_at: sql<Date>`now() + make_interval(secs => ${PASSWORD_RESET_SECONDS})`,
    })
    .returning('expires_at')
    .executeTakeFirstOrThrow();
  return expiresAt;
}

/** Whose password the link of a code sets, if it still works. */
export async function findPasswordReset(
  database: Database,
  codeHash: Buffer,
): Promise<{ userId: string; expiresAt: Date } | undefined> {
  return await database
    .selectFrom('password_resets')
    .select(['user_id as userId', 'expires_at as expiresAt'])
    .where('code_hash', '=', codeHash)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
}

/** Uses a link up. Of several at once with the same code, one gets true. */
export async function usePasswordReset(database: Database, codeHash: Buffer): Promise<boolean> {
  const { numDeletedRows } = await database
    .deleteFrom('password_resets')
    .where('code_hash', '=', codeHash)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  return numDeletedRows === 1n;
}

/** All links of a user. */
export async function deletePasswordResets(database: Database, userId: string): Promise<void> {
  await database.deleteFrom('password_resets').where('user_id', '=', userId).execute();
}

export async function deleteExpiredPasswordResets(database: Database): Promise<void> {
  await database
    .deleteFrom('password_resets')
    .where('expires_at', '<', sql<Date>`now()`)
    .execute();
}
