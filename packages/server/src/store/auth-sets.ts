/** Who a gateway says it is: a device's identity with one of its keys, and whether an operator accepted the pair. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { TAGS_MAX, type DeviceStatus, type Place } from '@lovely/api';
import { identityHash, nameFromIdentity, type Identity, type PublicKey } from '../domain/identity.ts';
import { decideJoining, type Certified, type Joining, type KnownKey, type UsableCode } from '../domain/joining.ts';
import { LovelyError } from '../errors.ts';
import { AUTH_SETS_PER_DEVICE_MAX, DEVICE_TOKEN_SECONDS, PENDING_MAX } from '../limits.ts';
import { lockDeviceLimit, requireRoom } from './device-limit.ts';
import { takeJoinCode, type JoinCodeUse } from './join-codes.ts';
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

/** The same identity and key in every tenant that knows them, oldest first. */
async function findKnownKeys(database: Database, identity: Identity, key: PublicKey): Promise<KnownKey[]> {
  return await database
    .selectFrom('auth_sets')
    .innerJoin('devices', 'devices.id', 'auth_sets.device_id')
    .select([...authSetColumns, 'auth_sets.join_code_id as joinCodeId'])
    .where('devices.identity_hash', '=', identityHash(identity))
    .where('auth_sets.fingerprint', '=', key.fingerprint)
    .orderBy('auth_sets.created_at')
    .execute();
}

/** What an auth request shows beside its key. */
export interface Shown {
  /** The join code: null is one that nobody knows. */
  readonly code?: UsableCode | null | undefined;
  /** Of its client certificate; asked for when it matters. */
  readonly certify?: (() => Promise<Certified>) | undefined;
  /** Called in the transaction in which a device is accepted that nobody looked at. */
  readonly accepted?: (transaction: Database, authSet: AuthSetRecord) => Promise<void>;
}

/**
 * The auth set that an auth request comes to, made when it is new. The common case, an accepted one, is a single read.
 * @param firstTenantId where a device goes that says nothing of where it belongs
 * @returns with `change` where something is different now
 */
export async function requestAuthSet(
  database: Database,
  firstTenantId: string,
  identity: Identity,
  key: PublicKey,
  shown: Shown = {},
): Promise<{ authSet: AuthSetRecord; change: AuthSetChange | undefined }> {
  const known = await findKnownKeys(database, identity, key);
  const { code, certify } = shown;
  const isSettled = known.some(
    ({ status, tenantId }) => status === 'accepted' && (!code || code.tenantId === tenantId),
  );
  const certified = isSettled ? undefined : await certify?.();
  const joining = decideJoining({ known, code, certified, firstTenantId });
  if (joining.kind === 'known') return { authSet: joining.key, change: undefined };
  return await inTransaction(database, async (transaction) => {
    const joined = await joinTenant(transaction, joining, identity, key);
    if (joined.accepted) await shown.accepted?.(transaction, joined.authSet);
    return joined;
  });
}

interface Joined {
  readonly authSet: AuthSetRecord;
  readonly change: AuthSetChange;
  /** Whether the device was accepted by this, without anybody looking. */
  readonly accepted: boolean;
}

/**
 * Makes the key of a device in a tenant, pending, and accepts it if the decision says so and no person decided otherwise
 * before. What a join code gives is for a device that nobody has settled yet: knowing a serial number and a code must
 * not take a house over. Throws 'too-many-requests', 'bad-join-code' or 'device-limit'; then nothing has changed.
 */
async function joinTenant(
  database: Database,
  { tenantId, code, accept, mayReplace }: Extract<Joining, { kind: 'join' }>,
  identity: Identity,
  key: PublicKey,
): Promise<Joined> {
  return await inTransaction(database, async (transaction) => {
    const limit = accept ? await lockDeviceLimit(transaction, tenantId) : null;
    const deviceId = await ensureDevice(transaction, tenantId, { identity }, 'pending');
    await lockDevice(transaction, tenantId, deviceId);
    const made = await ensureAuthSet(transaction, tenantId, deviceId, key, 'pending');
    const others = await transaction
      .selectFrom('auth_sets')
      .select('status')
      .where('device_id', '=', deviceId)
      .where('id', '!=', made.id)
      .execute();
    const isUnsettled = others.every((other) => other.status === 'pending');
    const mayAccept = accept && (isUnsettled || (mayReplace && others.some((other) => other.status !== 'rejected')));
    // Two requests at once are one use; so are a device that joined by the code and asks again.
    if (code && made.joinCodeId !== code.id && made.status === 'pending') {
      const gives = await takeJoinCode(transaction, code.id);
      await transaction.updateTable('auth_sets').set({ join_code_id: code.id }).where('id', '=', made.id).execute();
      if (isUnsettled) await placeDevice(transaction, tenantId, deviceId, gives);
    }
    const isWaiting = made.status === 'pending' || made.status === 'preauthorized';
    if (!isWaiting || (made.status === 'pending' && !mayAccept)) {
      const status = await refreshDeviceStatus(transaction, deviceId);
      return { authSet: made, change: { deviceId, status, revoked: [] }, accepted: false };
    }
    if (made.status === 'pending' && limit !== null) await requireRoom(transaction, tenantId, deviceId, limit);
    const change = await changeStatus(transaction, made, 'accepted');
    return { authSet: { ...made, status: 'accepted' }, change, accepted: true };
  });
}

/** What a join code gives to a device. */
async function placeDevice(
  database: Database,
  tenantId: string,
  deviceId: string,
  { groupId, tags }: JoinCodeUse,
): Promise<void> {
  if (groupId !== null)
    await database
      .insertInto('group_devices')
      .values({ group_id: groupId, device_id: deviceId, tenant_id: tenantId })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  if (tags.length > 0)
    await sql`update devices set tags = (array(select distinct unnest(tags || ${[...tags]}::text[])))[1:${TAGS_MAX}::int]
      where id = ${deviceId}`.execute(database);
}

export interface NewDevice {
  readonly identity: Identity;
  readonly name?: string | undefined;
  readonly address?: string | undefined;
  readonly location?: Place | null | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** Accepts (the device's other keys are then rejected), rejects, or puts back to pending. Throws 'device-limit'. */
export async function setAuthSetStatus(
  database: Database,
  tenantId: string,
  deviceId: string,
  authSetId: string,
  status: 'accepted' | 'rejected' | 'pending',
): Promise<AuthSetChange> {
  return await inTransaction(database, async (transaction) => {
    const limit = status === 'accepted' ? await lockDeviceLimit(transaction, tenantId) : null;
    await lockDevice(transaction, tenantId, deviceId);
    const authSet = await transaction
      .selectFrom('auth_sets')
      .select(authSetColumns)
      .where('device_id', '=', deviceId)
      .where('id', '=', authSetId)
      .executeTakeFirst();
    if (!authSet) throw new LovelyError('not-found');
    if (limit !== null) await requireRoom(transaction, tenantId, deviceId, limit);
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

export const authSetColumns = [
  'auth_sets.id',
  'auth_sets.tenant_id as tenantId',
  'auth_sets.device_id as deviceId',
  'auth_sets.status',
] as const;

export async function ensureDevice(
  database: Database,
  tenantId: string,
  { identity, name, address, location, tags }: NewDevice,
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
      name: name ?? nameFromIdentity(identity),
      address: address ?? '',
      latitude: location?.latitude ?? null,
      longitude: location?.longitude ?? null,
      tags: [...(tags ?? [])],
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

/** The auth set of a key, made with a status when there is none. Throws 'too-many-requests'. */
export async function ensureAuthSet(
  database: Database,
  tenantId: string,
  deviceId: string,
  key: PublicKey,
  status: AuthSetStatus,
): Promise<KnownKey> {
  const sets = await database
    .selectFrom('auth_sets')
    .select([...authSetColumns, 'auth_sets.join_code_id as joinCodeId', 'auth_sets.fingerprint'])
    .where('device_id', '=', deviceId)
    .execute();
  const known = sets.find((set) => set.fingerprint === key.fingerprint);
  if (known) return known;
  if (sets.length >= AUTH_SETS_PER_DEVICE_MAX) await forgetOneKey(database, deviceId);
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
      join_code_id: null,
    })
    .returning(['id', 'tenant_id as tenantId', 'device_id as deviceId', 'status', 'join_code_id as joinCodeId'])
    .executeTakeFirstOrThrow();
}

/**
 * Makes room for another key: whoever knows what a device calls itself may ask with keys of their own, and must not keep its
 * real one out. Rejected ones go first, then who has waited longest; a gateway that still wants to join asks again.
 */
async function forgetOneKey(database: Database, deviceId: string): Promise<void> {
  await sql`delete from auth_sets where id = (
    select id from auth_sets where device_id = ${deviceId} and status in ('rejected', 'pending')
    order by status = 'pending', created_at, id limit 1)`.execute(database);
}

export async function changeStatus(
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
export async function refreshDeviceStatus(database: Database, deviceId: string): Promise<DeviceStatus> {
  const { rows } = await sql<{ status: DeviceStatus }>`
    update devices set updated_at = now(), status = coalesce((
      select status from auth_sets where device_id = devices.id
      order by array_position(array['accepted', 'preauthorized', 'pending', 'rejected'], status) limit 1), 'noauth')
    where id = ${deviceId} returning status`.execute(database);
  return rows[0]!.status;
}
