/** Personal access tokens; of the token itself only the hash is kept. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Permission } from '@lovely/api';
import { LAST_USED_SECONDS, TOKENS_PER_USER_MAX } from '../limits.ts';
import type { Database } from './store.ts';

export interface TokenRecord {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly permissions: Permission[];
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date;
}

const selectTokens = (database: Database) =>
  database
    .selectFrom('tokens')
    .select([
      'id',
      'user_id as userId',
      'name',
      'permissions',
      'created_at as createdAt',
      'last_used_at as lastUsedAt',
      'expires_at as expiresAt',
    ]);

/** The newest first; those that have expired too. */
export async function listTokens(database: Database, userId: string): Promise<TokenRecord[]> {
  return await selectTokens(database)
    .where('user_id', '=', userId)
    .orderBy('created_at', 'desc')
    .limit(TOKENS_PER_USER_MAX)
    .execute();
}

/** Returns undefined when the user has as many as they may. */
export async function insertToken(
  database: Database,
  token: {
    tenantId: string;
    userId: string;
    name: string;
    hash: Buffer;
    permissions: readonly Permission[];
    seconds: number;
  },
): Promise<TokenRecord | undefined> {
  // Of several at once each waits for the one before, so that the count is true.
  await database.selectFrom('users').select('id').where('id', '=', token.userId).forUpdate().execute();
  const { count } = await database
    .selectFrom('tokens')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('user_id', '=', token.userId)
    .executeTakeFirstOrThrow();
  if (count >= TOKENS_PER_USER_MAX) return undefined;
  const id = randomUUID();
  await database
    .insertInto('tokens')
    .values({
      id,
      tenant_id: token.tenantId,
      user_id: token.userId,
      name: token.name,
      hash: token.hash,
      permissions: [...token.permissions],
      last_used_at: null,
      expires_at: sql<Date>`now() + make_interval(secs => ${token.seconds})`,
    })
    .execute();
  return await selectTokens(database).where('id', '=', id).executeTakeFirstOrThrow();
}

/** A token that has not expired; its use is noted, once a minute at most. */
export async function touchToken(database: Database, hash: Buffer): Promise<TokenRecord | undefined> {
  const token = await selectTokens(database)
    .where('hash', '=', hash)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  const staleMs = Date.now() - LAST_USED_SECONDS * 1000;
  if (token && (token.lastUsedAt === null || token.lastUsedAt.getTime() < staleMs))
    await database
      .updateTable('tokens')
      .set({ last_used_at: sql`now()` })
      .where('id', '=', token.id)
      .execute();
  return token;
}

/** Returns its name; undefined when the user has no such. */
export async function deleteToken(database: Database, userId: string, id: string): Promise<string | undefined> {
  const row = await database
    .deleteFrom('tokens')
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .returning('name')
    .executeTakeFirst();
  return row?.name;
}

/** Those that expired stay for a while, so that their owners see why a program was refused. */
export async function deleteExpiredTokens(database: Database): Promise<void> {
  await database
    .deleteFrom('tokens')
    .where('expires_at', '<', sql<Date>`now() - interval '30 days'`)
    .execute();
}
