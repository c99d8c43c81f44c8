/** Pre-authorises many devices in few statements. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { FileDevice, FileProblem } from '../domain/device-file.ts';
import { identityHash, nameFromIdentity } from '../domain/identity.ts';
import { countRoom, deviceLimit, lockDeviceLimit } from './device-limit.ts';
import type { Database } from './store.ts';

export interface DeviceImport {
  readonly deviceIds: string[];
  readonly problems: FileProblem[];
}

/** Takes the devices whose identity is new, as long as there is room, and tells of the others. */
export async function importDevices(
  database: Database,
  tenantId: string,
  devices: readonly FileDevice[],
  { dryRun }: { dryRun: boolean },
): Promise<DeviceImport> {
  const limit = await lockDeviceLimit(database, tenantId);
  const hashed = devices.map((device) => ({ ...device, id: randomUUID(), hash: identityHash(device.identity) }));
  const { rows } = await sql<{ hash: Buffer }>`
    select identity_hash as hash from devices
    where tenant_id = ${tenantId} and identity_hash = any(${hashed.map(({ hash }) => hash)}::bytea[])`.execute(
    database,
  );
  const known = new Set(rows.map(({ hash }) => hash.toString('hex')));
  const isKnown = ({ hash }: { hash: Buffer }): boolean => known.has(hash.toString('hex'));
  const fresh = hashed.filter((device) => !isKnown(device));
  const room = limit === null ? Infinity : await countRoom(database, tenantId, limit);
  const taken = fresh.slice(0, room);
  const inserted = dryRun ? new Set(taken.map(({ id }) => id)) : await insertAll(database, tenantId, taken);
  const problem = ({ line }: FileDevice, reason: string): FileProblem => ({ line, column: null, reason });
  return {
    deviceIds: [...inserted],
    problems: [
      ...[...hashed.filter(isKnown), ...taken.filter((device) => !inserted.has(device.id))].map((device) =>
        problem(device, 'a device with this identity is there already'),
      ),
      ...fresh.slice(room).map((device) => problem(device, deviceLimit(limit ?? 0).message)),
    ],
  };
}

/** The ids of those that nobody made in the same moment. */
async function insertAll(
  database: Database,
  tenantId: string,
  devices: readonly (FileDevice & { id: string; hash: Buffer })[],
): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    insert into devices (id, tenant_id, identity, identity_hash, status, name, address, latitude, longitude, tags)
    select new.id, ${tenantId}, new.identity, new.hash, 'preauthorized', new.name, new.address, new.latitude,
      new.longitude, array(select jsonb_array_elements_text(new.tags))
    from unnest(${devices.map(({ id }) => id)}::uuid[], ${devices.map(({ identity }) => JSON.stringify(identity))}::jsonb[],
      ${devices.map(({ hash }) => hash)}::bytea[], ${devices.map(({ name, identity }) => name ?? nameFromIdentity(identity))}::text[],
      ${devices.map(({ address }) => address ?? '')}::text[],
      ${devices.map(({ location }) => location?.latitude ?? null)}::float8[],
      ${devices.map(({ location }) => location?.longitude ?? null)}::float8[],
      ${devices.map(({ tags }) => JSON.stringify(tags ?? []))}::jsonb[])
      as new(id, identity, hash, name, address, latitude, longitude, tags)
    order by new.hash
    on conflict (tenant_id, identity_hash) do nothing
    returning id`.execute(database);
  const inserted = new Set(rows.map(({ id }) => id));
  const made = devices.filter(({ id }) => inserted.has(id));
  await sql`
    insert into auth_sets (id, tenant_id, device_id, public_key, key_type, fingerprint, status)
    select gen_random_uuid(), ${tenantId}, new.device_id, new.public_key, new.key_type, new.fingerprint, 'preauthorized'
    from unnest(${made.map(({ id }) => id)}::uuid[], ${made.map(({ key }) => key.pem)}::text[],
      ${made.map(({ key }) => key.type)}::text[], ${made.map(({ key }) => key.fingerprint)}::text[])
      as new(device_id, public_key, key_type, fingerprint)`.execute(database);
  return inserted;
}
