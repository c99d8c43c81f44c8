/** Who a gateway says it is: a device's identity with one of its keys, and whether an operator accepted the pair. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { DeviceStatus } from '@lovely/api';
import { identityHash, nameFromIdentity, type Identity, type PublicKey } from '../domain/identity.ts';
import { LovelyError } from '../errors.ts';
import { AUTH_SETS_PER_DEVICE_MAX, DEVICE_TOKEN_SECONDS, PENDING_MAX } from '../limits.ts';
import type { Schema } from './schema.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';

export type AuthSetStatus = Schema['auth_sets']['status'];

export interface AuthSetRecord {
  readonly id: string;
  readonly tenantId: string;
  readonly deviceId: string;
  readonly status: AuthSetStatus;
}

/** What a change of an auth set means for others: the device's status, and the tokens that are void from now on. */
export interface AuthSetChange {
  readonly deviceId: string;
  readonly status: DeviceStatus;
  readonly revoked: readonly string[];
}

/**
 * The auth set of this identity and key, made pending when it is new. The common case, a known one, is a single read.
 * A preauthorised set becomes accepted by asking. Throws 'too-many-requests' when too many wait already.
 */
export async function requestAuthSet(
  database: Database,
  tenantId: string,
  identity: Identity,
  key: PublicKey,
): Promise<{ authSet: AuthSetRecord; changed: boolean }> {
  const known = await findAuthSet(database, tenantId, identity, key);
  if (known && known.status !== 'preauthorized') return { authSet: known, changed: false };
  const authSet = await inTransaction(database, async (transaction) => {
    const deviceId = known?.deviceId ?? (await ensureDevice(transaction, tenantId, identity, 'pending'));
    await lockDevice(transaction, tenantId, deviceId);
    const made = known ?? (await insertAuthSet(transaction, tenantId, deviceId, key, 'pending'));
    if (made.status === 'preauthorized') await changeStatus(transaction, made, 'accepted');
    else await refreshDeviceStatus(transaction, deviceId);
    return made.status === 'preauthorized' ? { ...made, status: 'accepted' as const } : made;
  });
  return { authSet, changed: true };
}

/** Accepts a key before its gateway ever called. Throws 'device-exists' when the identity is known. */
export async function preauthorize(
  database: Database,
  tenantId: string,
  identity: Identity,
  key: PublicKey,
): Promise<string> {
  return await inTransaction(database, async (transaction) => {
    const taken = await transaction
      .selectFrom('devices')
      .select('id')
      .where('tenant_id', '=', tenantId)
      .where('identity_hash', '=', identityHash(identity))
      .executeTakeFirst();
    if (taken) throw new LovelyError('device-exists');
    const deviceId = await ensureDevice(transaction, tenantId, identity, 'preauthorized');
    await insertAuthSet(transaction, tenantId, deviceId, key, 'preauthorized');
    return deviceId;
  });
}

/** Accepts (the device's other keys are then rejected), rejects, or puts back to pending. */
export async function setAuthSetStatus(
  database: Database,
  tenantId: string,
  deviceId: string,
  authSetId: string,
  status: 'accepted' | 'rejected' | 'pending',
): Promise<AuthSetChange> {
  return await inTransaction(database, async (transaction) => {
    await lockDevice(transaction, tenantId, deviceId);
    const authSet = await transaction
      .selectFrom('auth_sets')
      .select(authSetColumns)
      .where('device_id', '=', deviceId)
      .where('id', '=', authSetId)
      .executeTakeFirst();
    if (!authSet) throw new LovelyError('not-found');
    return await changeStatus(transaction, authSet, status);
  });
}

/** Deletes one key of a device; its tokens are void. */
export async function deleteAuthSet(
  database: Database,
  tenantId: string,
  deviceId: string,
  authSetId: string,
): Promise<AuthSetChange> {
  return await inTransaction(database, async (transaction) => {
    await lockDevice(transaction, tenantId, deviceId);
    await revoke(transaction, tenantId, deviceId, [authSetId]);
    const { numDeletedRows } = await transaction
      .deleteFrom('auth_sets')
      .where('device_id', '=', deviceId)
      .where('id', '=', authSetId)
      .executeTakeFirst();
    if (numDeletedRows === 0n) throw new LovelyError('not-found');
    return { deviceId, status: await refreshDeviceStatus(transaction, deviceId), revoked: [authSetId] };
  });
}

export interface Revocation {
  readonly authSetId: string;
  readonly revokedAtMs: number;
}

/** Revocations whose tokens could still be alive. */
export async function listRevocations(database: Database): Promise<Revocation[]> {
  const rows = await database
    .selectFrom('revocations')
    .select(['auth_set_id', 'revoked_at'])
    .where('expires_at', '>', sql<Date>`now()`)
    .execute();
  return rows.map((row) => ({ authSetId: row.auth_set_id, revokedAtMs: row.revoked_at.getTime() }));
}

export async function deleteExpiredRevocations(database: Database): Promise<void> {
  await database
    .deleteFrom('revocations')
    .where('expires_at', '<', sql<Date>`now()`)
    .execute();
}

/** Voids all tokens issued until now for these auth sets. */
export async function revoke(
  database: Database,
  tenantId: string,
  deviceId: string,
  authSetIds: readonly string[],
): Promise<void> {
  if (authSetIds.length === 0) return;
  await database
    .insertInto('revocations')
    .values(
      authSetIds.map((id) => ({
        auth_set_id: id,
        tenant_id: tenantId,
        device_id: deviceId,
        revoked_at: sql<Date>`clock_timestamp()`,
        expires_at: sql<Date>`now() + make_interval(secs => ${DEVICE_TOKEN_SECONDS})`,
      })),
    )
    .onConflict((conflict) =>
      conflict.column('auth_set_id').doUpdateSet((eb) => ({
        revoked_at: eb.ref('excluded.revoked_at'),
        expires_at: eb.ref('excluded.expires_at'),
      })),
    )
    .execute();
}

/** Locks the device's row, so that changes of its keys, alerts and health happen one after the other. */
export async function lockDevice(database: Database, tenantId: string, deviceId: string): Promise<void> {
  const row = await database
    .selectFrom('devices')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', deviceId)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw new LovelyError('not-found');
}

const authSetColumns = [
  'auth_sets.id',
  'auth_sets.tenant_id as tenantId',
  'auth_sets.device_id as deviceId',
  'auth_sets.status',
] as const;

async function findAuthSet(
  database: Database,
  tenantId: string,
  identity: Identity,
  key: PublicKey,
): Promise<AuthSetRecord | undefined> {
  return await database
    .selectFrom('auth_sets')
    .innerJoin('devices', 'devices.id', 'auth_sets.device_id')
    .select(authSetColumns)
    .where('devices.tenant_id', '=', tenantId)
    .where('devices.identity_hash', '=', identityHash(identity))
    .where('auth_sets.fingerprint', '=', key.fingerprint)
    .executeTakeFirst();
}

async function ensureDevice(
  database: Database,
  tenantId: string,
  identity: Identity,
  status: DeviceStatus,
): Promise<string> {
  const { waiting } = await database
    .selectFrom('devices')
    .select((eb) => eb.fn.countAll<number>().as('waiting'))
    .where('tenant_id', '=', tenantId)
    .where('status', '=', 'pending')
    .executeTakeFirstOrThrow();
  if (status === 'pending' && waiting >= PENDING_MAX)
    throw new LovelyError('too-many-requests', 'Too many gateways wait for acceptance already.', {
      retryAfterSeconds: 60,
    });
  const { id } = await database
    .insertInto('devices')
    .values({
      id: randomUUID(),
      tenant_id: tenantId,
      identity: JSON.stringify(identity),
      identity_hash: identityHash(identity),
      status,
      name: nameFromIdentity(identity),
      address: '',
      tags: [],
      health: 'unknown',
      inventory: '{}',
    })
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'identity_hash']).doUpdateSet({ updated_at: sql<Date>`now()` }),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

async function insertAuthSet(
  database: Database,
  tenantId: string,
  deviceId: string,
  key: PublicKey,
  status: AuthSetStatus,
): Promise<AuthSetRecord> {
  const { count } = await database
    .selectFrom('auth_sets')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('device_id', '=', deviceId)
    .executeTakeFirstOrThrow();
  if (count >= AUTH_SETS_PER_DEVICE_MAX)
    throw new LovelyError('too-many-requests', 'This device has too many keys already; delete one first.', {
      retryAfterSeconds: 3600,
    });
  return await database
    .insertInto('auth_sets')
    .values({
      id: randomUUID(),
      tenant_id: tenantId,
      device_id: deviceId,
      public_key: key.pem,
      key_type: key.type,
      fingerprint: key.fingerprint,
      status,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['device_id', 'fingerprint'])
        .doUpdateSet((eb) => ({ fingerprint: eb.ref('excluded.fingerprint') })),
    )
    .returning(['id', 'tenant_id as tenantId', 'device_id as deviceId', 'status'])
    .executeTakeFirstOrThrow();
}

async function changeStatus(
  database: Database,
  authSet: AuthSetRecord,
  status: 'accepted' | 'rejected' | 'pending',
): Promise<AuthSetChange> {
  const { id, tenantId, deviceId } = authSet;
  await database.updateTable('auth_sets').set({ status }).where('id', '=', id).execute();
  const revoked = status === 'accepted' ? [] : [id];
  if (status === 'accepted') {
    const others = await database
      .updateTable('auth_sets')
      .set({ status: 'rejected' })
      .where('device_id', '=', deviceId)
      .where('id', '!=', id)
      .where('status', '!=', 'rejected')
      .returning('id')
      .execute();
    revoked.push(...others.map((other) => other.id));
  }
  await revoke(database, tenantId, deviceId, revoked);
  return { deviceId, status: await refreshDeviceStatus(database, deviceId), revoked };
}

/** A device is as accepted as the best of its keys. */
async function refreshDeviceStatus(database: Database, deviceId: string): Promise<DeviceStatus> {
  const { rows } = await sql<{ status: DeviceStatus }>`
    update devices set updated_at = now(), status = coalesce((
      select status from auth_sets where device_id = devices.id
      order by array_position(array['accepted', 'preauthorized', 'pending', 'rejected'], status) limit 1), 'noauth')
    where id = ${deviceId} returning status`.execute(database);
  return rows[0]!.status;
}
