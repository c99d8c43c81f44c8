/** Sign-ins of people: where an account is open, since when, and how it was entered. */
import { sql } from 'kysely';
import type { Login } from '@lovely/api';
import { LAST_USED_SECONDS, LOGINS_SHOWN_MAX } from '../limits.ts';
import type { Database } from './store.ts';

export interface LoginRecord {
  readonly id: string;
  readonly userId: string;
  readonly method: Login['method'];
  readonly hasSecondFactor: boolean;
  readonly address: string | null;
  readonly userAgent: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
}

/** Those that are neither revoked nor past their time. */
const selectLogins = (database: Database) =>
  database
    .selectFrom('logins')
    .select([
      'id',
      'user_id as userId',
      'method',
      'has_second_factor as hasSecondFactor',
      'address',
      'user_agent as userAgent',
      'created_at as createdAt',
      'last_used_at as lastUsedAt',
      'expires_at as expiresAt',
    ])
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`);

/** A sign-in that is good at this moment; its use is noted, once a minute at most. */
export async function touchLogin(database: Database, id: string): Promise<LoginRecord | undefined> {
  const login = await selectLogins(database).where('id', '=', id).executeTakeFirst();
  if (login && login.lastUsedAt.getTime() < Date.now() - LAST_USED_SECONDS * 1000)
    await database
      .updateTable('logins')
      .set({ last_used_at: sql`now()` })
      .where('id', '=', id)
      .execute();
  return login;
}

/** The latest used first. */
export async function listLogins(database: Database, userId: string): Promise<LoginRecord[]> {
  return await selectLogins(database)
    .where('user_id', '=', userId)
    .orderBy('last_used_at', 'desc')
    .limit(LOGINS_SHOWN_MAX)
    .execute();
}

/** Ends one sign-in of a user, or all but `except`. Returns the ids of those that were open until now. */
export async function revokeLogins(
  database: Database,
  userId: string,
  which: { readonly id: string } | { readonly except: string | null },
): Promise<string[]> {
  const revoked = await database
    .updateTable('logins')
    .set({ revoked_at: sql`now()` })
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', sql<Date>`now()`)
    .$if('id' in which, (query) => query.where('id', '=', 'id' in which ? which.id : ''))
    .$if('except' in which && which.except !== null, (query) =>
      query.where('id', '!=', 'except' in which ? which.except! : ''),
    )
    .returning('id')
    .execute();
  return revoked.map(({ id }) => id);
}

/** The person has shown a second factor since: this sign-in has one from now on. */
export async function strengthenLogin(database: Database, id: string): Promise<void> {
  await database.updateTable('logins').set({ has_second_factor: true }).where('id', '=', id).execute();
}

/** Which of these sign-ins and tokens are good at this moment, and their owners neither gone nor disabled. */
export async function listGood(
  database: Database,
  logins: readonly string[],
  tokens: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select logins.id from logins join users on users.id = logins.user_id
      where logins.id = any(${logins}::uuid[]) and revoked_at is null and expires_at > now() and disabled_at is null
    union all
    select tokens.id from tokens join users on users.id = tokens.user_id
      where tokens.id = any(${tokens}::uuid[]) and expires_at > now() and disabled_at is null`.execute(database);
  return new Set(rows.map(({ id }) => id));
}
