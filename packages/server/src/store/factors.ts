/** Second factors: the secret of an authenticator app and recovery codes. Secrets come sealed, codes hashed. */
import { sql } from 'kysely';
import type { Database } from './store.ts';

export interface TotpSecret {
  /** Sealed. */
  readonly secret: string;
  /** Null: no code has confirmed it yet. */
  readonly activeSince: Date | null;
  readonly lastStep: number;
}

export async function findTotpSecret(database: Database, userId: string): Promise<TotpSecret | undefined> {
  return await database
    .selectFrom('totp_secrets')
    .select(['secret', 'active_since as activeSince', 'last_step as lastStep'])
    .where('user_id', '=', userId)
    .executeTakeFirst();
}

/** Puts a secret in place of one that was never confirmed. Returns whether there was room: an active one stays. */
export async function replaceTotpSecret(
  database: Database,
  owner: { tenantId: string; userId: string },
  sealed: string,
): Promise<boolean> {
  const made = await database
    .insertInto('totp_secrets')
    .values({ tenant_id: owner.tenantId, user_id: owner.userId, secret: sealed, active_since: null, last_step: 0 })
    .onConflict((conflict) =>
      conflict
        .column('user_id')
        .doUpdateSet({ secret: sealed, created_at: sql`now()` })
        .where('totp_secrets.active_since', 'is', null),
    )
    .executeTakeFirst();
  return made.numInsertedOrUpdatedRows === 1n;
}

/** Uses the code of a time step up. Of several at once with the same code, one gets true. */
export async function spendTotpStep(database: Database, userId: string, step: number): Promise<boolean> {
  const used = await database
    .updateTable('totp_secrets')
    .set({ last_step: step })
    .where('user_id', '=', userId)
    .where('last_step', '<', step)
    .executeTakeFirst();
  return used.numUpdatedRows === 1n;
}

/** From now on codes are asked for. False when they are already. */
export async function activateTotp(database: Database, userId: string, step: number): Promise<boolean> {
  const activated = await database
    .updateTable('totp_secrets')
    .set({ active_since: sql`now()`, last_step: step })
    .where('user_id', '=', userId)
    .where('active_since', 'is', null)
    .executeTakeFirst();
  return activated.numUpdatedRows === 1n;
}

export async function deleteTotp(database: Database, userId: string): Promise<void> {
  await database.deleteFrom('recovery_codes').where('user_id', '=', userId).execute();
  await database.deleteFrom('totp_secrets').where('user_id', '=', userId).execute();
}

export async function replaceRecoveryCodes(
  database: Database,
  owner: { tenantId: string; userId: string },
  hashes: readonly Buffer[],
): Promise<void> {
  await database.deleteFrom('recovery_codes').where('user_id', '=', owner.userId).execute();
  await database
    .insertInto('recovery_codes')
    .values(hashes.map((hash) => ({ tenant_id: owner.tenantId, user_id: owner.userId, code_hash: hash })))
    .execute();
}

/** Uses a recovery code up. Of several at once with the same code, one gets true. */
export async function spendRecoveryCode(database: Database, userId: string, hash: Buffer): Promise<boolean> {
  const used = await database
    .deleteFrom('recovery_codes')
    .where('user_id', '=', userId)
    .where('code_hash', '=', hash)
    .executeTakeFirst();
  return used.numDeletedRows === 1n;
}

export async function countRecoveryCodes(database: Database, userId: string): Promise<number> {
  const { count } = await database
    .selectFrom('recovery_codes')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return count;
}

/** Takes all second factors off a user: codes, recovery codes and passkeys. Returns how many there were. */
export async function deleteFactors(database: Database, userId: string): Promise<{ totp: number; passkeys: number }> {
  await database.deleteFrom('recovery_codes').where('user_id', '=', userId).execute();
  const totp = await database.deleteFrom('totp_secrets').where('user_id', '=', userId).executeTakeFirst();
  const passkeys = await database.deleteFrom('passkeys').where('user_id', '=', userId).executeTakeFirst();
  return { totp: Number(totp.numDeletedRows), passkeys: Number(passkeys.numDeletedRows) };
}
