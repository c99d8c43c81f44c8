/** Keys that are accepted before their gateways ever call. */
import type { DeviceStatus } from '@lovely/api';
import { identityHash, type Identity, type PublicKey } from '../domain/identity.ts';
import { LovelyError } from '../errors.ts';
import { ensureAuthSet, ensureDevice, lockDevice, refreshDeviceStatus, type NewDevice } from './auth-sets.ts';
import { lockDeviceLimit, requireRoom } from './device-limit.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';

/**
 * Accepts a key before its gateway ever called. An identity that is known is 'device-exists', unless `force` adds the
 * key to that device: by asking with it, it takes the place of those before.
 */
export async function preauthorize(
  database: Database,
  tenantId: string,
  device: NewDevice,
  key: PublicKey,
  { force = false }: { force?: boolean } = {},
): Promise<{ deviceId: string; status: DeviceStatus }> {
  return await inTransaction(database, async (transaction) => {
    const limit = await lockDeviceLimit(transaction, tenantId);
    const known = await findDeviceByIdentity(transaction, tenantId, device.identity);
    if (known !== undefined && !force) throw new LovelyError('device-exists');
    if (limit !== null) await requireRoom(transaction, tenantId, known, limit);
    const deviceId = known ?? (await ensureDevice(transaction, tenantId, device, 'preauthorized'));
    await lockDevice(transaction, tenantId, deviceId);
    const authSet = await ensureAuthSet(transaction, tenantId, deviceId, key, 'preauthorized');
    if (authSet.status === 'pending' || authSet.status === 'rejected')
      await transaction
        .updateTable('auth_sets')
        .set({ status: 'preauthorized' })
        .where('id', '=', authSet.id)
        .execute();
    return { deviceId, status: await refreshDeviceStatus(transaction, deviceId) };
  });
}

/** The device with this identity in a tenant. */
export async function findDeviceByIdentity(
  database: Database,
  tenantId: string,
  identity: Identity,
): Promise<string | undefined> {
  const row = await database
    .selectFrom('devices')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('identity_hash', '=', identityHash(identity))
    .executeTakeFirst();
  return row?.id;
}
