/** New keys in the place of accepted ones, which vouch for them. */
import { identityHash, type Identity, type PublicKey } from '../domain/identity.ts';
import { LovelyError } from '../errors.ts';
import {
  authSetColumns,
  changeStatus,
  ensureAuthSet,
  lockDevice,
  type AuthSetChange,
  type AuthSetRecord,
} from './auth-sets.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';

/** Accepted keys of this identity in all tenants. */
export async function listAcceptedKeys(
  database: Database,
  identity: Identity,
): Promise<(AuthSetRecord & { publicKey: string; fingerprint: string })[]> {
  return await database
    .selectFrom('auth_sets')
    .innerJoin('devices', 'devices.id', 'auth_sets.device_id')
    .select([...authSetColumns, 'auth_sets.public_key as publicKey', 'auth_sets.fingerprint'])
    .where('devices.identity_hash', '=', identityHash(identity))
    .where('auth_sets.status', '=', 'accepted')
    .execute();
}

/**
 * Puts a new key in the place of an accepted one, whose tokens are void. Throws 'bad-signature' when that one is no longer
 * accepted, and 'not-accepted' when a person rejected the new one before.
 */
export async function replaceKey(
  database: Database,
  before: AuthSetRecord,
  key: PublicKey,
): Promise<{ authSet: AuthSetRecord; change: AuthSetChange }> {
  return await inTransaction(database, async (transaction) => {
    const { tenantId, deviceId } = before;
    await lockDevice(transaction, tenantId, deviceId);
    const current = await transaction
      .selectFrom('auth_sets')
      .select('status')
      .where('id', '=', before.id)
      .executeTakeFirst();
    if (current?.status !== 'accepted')
      throw new LovelyError('bad-signature', 'The previous key is not accepted here.');
    const made = await ensureAuthSet(transaction, tenantId, deviceId, key, 'pending');
    if (made.status === 'rejected') throw new LovelyError('not-accepted', 'The new key was rejected before.');
    const change = await changeStatus(transaction, made, 'accepted');
    return { authSet: { ...made, status: 'accepted' }, change };
  });
}
