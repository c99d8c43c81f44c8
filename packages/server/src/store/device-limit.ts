/** How many devices a tenant may have, kept also when many are accepted at once. */
import { LovelyError } from '../errors.ts';
import type { Database } from './store.ts';

/** The statuses that count. */
const COUNTED = ['accepted', 'preauthorized'] as const;

/**
 * The tenant's limit on devices, null for none. With one, who else accepts a device in this tenant waits until the
 * transaction ends. Comes before any device is locked: one order of locks for all.
 */
export async function lockDeviceLimit(database: Database, tenantId: string): Promise<number | null> {
  const limits = database.selectFrom('tenants').select('limits').where('id', '=', tenantId);
  const before = await limits.executeTakeFirst();
  if (before?.limits.devices === undefined) return null;
  const { limits: now } = await limits.forNoKeyUpdate().executeTakeFirstOrThrow();
  return now.devices ?? null;
}

/** How many devices more there may be. */
export async function countRoom(database: Database, tenantId: string, limit: number): Promise<number> {
  const { count } = await database
    .selectFrom('devices')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('tenant_id', '=', tenantId)
    .where('status', 'in', COUNTED)
    .executeTakeFirstOrThrow();
  return Math.max(0, limit - count);
}

/** Throws 'device-limit' unless there is room for a device, or it is one that is counted already. */
export async function requireRoom(
  database: Database,
  tenantId: string,
  deviceId: string | undefined,
  limit: number,
): Promise<void> {
  const device =
    deviceId === undefined
      ? undefined
      : await database.selectFrom('devices').select('status').where('id', '=', deviceId).executeTakeFirst();
  if (COUNTED.some((counted) => counted === device?.status)) return;
  if ((await countRoom(database, tenantId, limit)) === 0) throw deviceLimit(limit);
}

export function deviceLimit(limit: number): LovelyError {
  return new LovelyError('device-limit', `This organisation may have ${limit} devices, and has them.`);
}
