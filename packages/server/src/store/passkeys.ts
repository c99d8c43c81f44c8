/** Passkeys and the challenges that browsers answer with them. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { PASSKEY_CHALLENGE_SECONDS, PASSKEYS_PER_USER_MAX } from '../limits.ts';
import type { Database } from './store.ts';

export interface PasskeyRecord {
  readonly id: string;
  readonly userId: string;
  readonly tenantId: string;
  readonly credentialId: string;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly transports: string[];
  readonly isSynced: boolean;
  readonly name: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

const selectPasskeys = (database: Database) =>
  database
    .selectFrom('passkeys')
    .select([
      'id',
      'user_id as userId',
      'tenant_id as tenantId',
      'credential_id as credentialId',
      'public_key as publicKey',
      'counter',
      'transports',
      'is_synced as isSynced',
      'name',
      'created_at as createdAt',
      'last_used_at as lastUsedAt',
    ]);

/** The newest first. */
export async function listPasskeys(database: Database, userId: string): Promise<PasskeyRecord[]> {
  return await selectPasskeys(database)
    .where('user_id', '=', userId)
    .orderBy('created_at', 'desc')
    .limit(PASSKEYS_PER_USER_MAX)
    .execute();
}

export async function findPasskey(database: Database, credentialId: string): Promise<PasskeyRecord | undefined> {
  return await selectPasskeys(database).where('credential_id', '=', credentialId).executeTakeFirst();
}

/** Returns undefined when the credential is known already. */
export async function insertPasskey(
  database: Database,
  passkey: Omit<PasskeyRecord, 'id' | 'createdAt' | 'lastUsedAt'>,
): Promise<PasskeyRecord | undefined> {
  const made = await database
    .insertInto('passkeys')
    .values({
      id: randomUUID(),
      tenant_id: passkey.tenantId,
      user_id: passkey.userId,
      credential_id: passkey.credentialId,
      public_key: passkey.publicKey,
      counter: passkey.counter,
      transports: passkey.transports,
      is_synced: passkey.isSynced,
      name: passkey.name,
      last_used_at: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return made.numInsertedOrUpdatedRows === 1n ? await findPasskey(database, passkey.credentialId) : undefined;
}

/** Returns the passkey as it was and as it is; undefined when the user has no such. */
export async function renamePasskey(
  database: Database,
  userId: string,
  id: string,
  name: string,
): Promise<{ before: PasskeyRecord; after: PasskeyRecord } | undefined> {
  const before = await selectPasskeys(database)
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!before) return undefined;
  await database.updateTable('passkeys').set({ name }).where('id', '=', id).execute();
  return { before, after: { ...before, name } };
}

/** Returns its name; undefined when the user has no such. */
export async function deletePasskey(database: Database, userId: string, id: string): Promise<string | undefined> {
  const row = await database
    .deleteFrom('passkeys')
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .returning('name')
    .executeTakeFirst();
  return row?.name;
}

/**
 * Notes a sign-in with the authenticator's counter. One that keeps a counter counts up with each use: a number that was
 * seen before comes from a copy of the key. Returns false for it. Authenticators without a counter always say 0.
 */
export async function touchPasskey(
  database: Database,
  id: string,
  { counter, isSynced }: { counter: number; isSynced: boolean },
): Promise<boolean> {
  const used = await database
    .updateTable('passkeys')
    .set({ counter, is_synced: isSynced, last_used_at: sql`now()` })
    .where('id', '=', id)
    .where((eb) => eb.or([eb('counter', '<', counter), eb.and([eb('counter', '=', 0), eb.val(counter === 0)])]))
    .executeTakeFirst();
  return used.numUpdatedRows === 1n;
}

/** Keeps a challenge, for a user who adds a passkey or, without one, for a sign-in. Returns its id. */
export async function insertChallenge(
  database: Database,
  challenge: string,
  owner: { tenantId: string; userId: string } | null,
): Promise<string> {
  const id = randomUUID();
  await database
    .insertInto('passkey_challenges')
    .values({
      id,
      tenant_id: owner?.tenantId ?? null,
      user_id: owner?.userId ?? null,
      challenge,
      expires_at: sql<Date>`now() + make_interval(secs => ${PASSKEY_CHALLENGE_SECONDS})`,
    })
    .execute();
  return id;
}

/** Takes a challenge, which nobody can then take again; undefined when it is not there, too old, or for somebody else. */
export async function takeChallenge(
  database: Database,
  id: string,
  userId: string | null,
): Promise<string | undefined> {
  const row = await database
    .deleteFrom('passkey_challenges')
    .where('id', '=', id)
    .where('user_id', userId === null ? 'is' : '=', userId)
    .where('expires_at', '>', sql<Date>`now()`)
    .returning('challenge')
    .executeTakeFirst();
  return row?.challenge;
}

export async function deleteExpiredChallenges(database: Database): Promise<void> {
  await database
    .deleteFrom('passkey_challenges')
    .where('expires_at', '<', sql<Date>`now()`)
    .execute();
}
