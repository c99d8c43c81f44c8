/** What people do to a device's keys, for our own API and for Mender's. */
import { ALL_DEVICES } from '../domain/device-scope.ts';
import { deleteAuthSet, setAuthSetStatus, type AuthSetChange } from '../store/auth-sets.ts';
import { deleteDevice, getDevice, getDeviceDetail } from '../store/devices.ts';
import { requireDeviceFor, type Change } from './change.ts';
import type { ApiContext, Person } from './context.ts';
import { announceAuthSets, announceDevice, announceRevoked } from './events.ts';

/** Accepts, rejects or puts a key back to pending. */
export async function changeKeyStatus(
  context: ApiContext,
  person: Person,
  change: Change,
  deviceId: string,
  authSetId: string,
  status: 'accepted' | 'rejected' | 'pending',
): Promise<void> {
  await changeKeys(context, person, change, deviceId, () =>
    setAuthSetStatus(change.database, person.tenantId, deviceId, authSetId, status),
  );
}

/** Deletes one key of a device. */
export async function deleteKey(
  context: ApiContext,
  person: Person,
  change: Change,
  deviceId: string,
  authSetId: string,
): Promise<void> {
  await changeKeys(context, person, change, deviceId, () =>
    deleteAuthSet(change.database, person.tenantId, deviceId, authSetId),
  );
}

/** Voids the device's keys and deletes everything known of it. */
export async function decommission(
  context: ApiContext,
  person: Person,
  { database, audit, afterCommit }: Change,
  deviceId: string,
  ifVersion?: number,
): Promise<void> {
  const { tenantId } = person;
  await requireDeviceFor(person, database, 'device.accept', deviceId);
  const { name, identity } = await getDevice(database, tenantId, ALL_DEVICES, deviceId);
  const revoked = await deleteDevice(database, tenantId, deviceId, ifVersion);
  audit({ object: { type: 'device', id: deviceId, name }, details: { identity } });
  afterCommit(() => {
    announceRevoked(context, deviceId, revoked);
    announceDevice(context.bus, tenantId, deviceId, 'deleted', 'noauth');
  });
}

async function changeKeys(
  context: ApiContext,
  person: Person,
  { database, audit, afterCommit }: Change,
  deviceId: string,
  make: () => Promise<AuthSetChange>,
): Promise<void> {
  const { tenantId } = person;
  await requireDeviceFor(person, database, 'device.accept', deviceId);
  const before = await getDeviceDetail(database, tenantId, ALL_DEVICES, deviceId);
  const changed = await make();
  const after = await getDeviceDetail(database, tenantId, ALL_DEVICES, deviceId);
  audit({ object: { type: 'device', id: deviceId, name: after.name }, before: keysOf(before), after: keysOf(after) });
  afterCommit(() => announceAuthSets(context, tenantId, changed));
}

/** The status of the device and of each key, by its fingerprint. */
function keysOf({ status, authSets }: { status: string; authSets: { fingerprint: string; status: string }[] }) {
  return { status, ...Object.fromEntries(authSets.map((key) => [key.fingerprint, key.status])) };
}
