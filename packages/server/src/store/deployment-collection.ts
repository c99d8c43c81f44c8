/** The houses of a deployment: found in the order of their ids, a share at a time, once or again and again. */
import { sql, type RawBuilder } from 'kysely';
import type { DeploymentTarget } from '@lovely/api';
import type { DeviceGroup, DeviceScope } from '../domain/device-scope.ts';
import { DEPLOYMENT_COLLECT_HOUSES, DEPLOYMENT_JOIN_MS, DEPLOYMENT_JOIN_SHARE } from '../software-limits.ts';
import type { DeploymentRow } from './deployment-facts.ts';
import { compileFilter, inGroup, withinScope } from './device-filter.ts';
import { getDeviceGroup } from './groups.ts';
import { LovelyError } from '../errors.ts';
import type { Database } from './store.ts';

/** The accepted devices of a target that are in the scope, as a condition on `devices`. */
export function inTarget(
  target: DeploymentTarget,
  group: DeviceGroup | undefined,
  scope: DeviceScope,
): RawBuilder<boolean> {
  return sql`devices.status = 'accepted' and ${withinScope(scope)} and ${ofTarget(target, group)}`;
}

function ofTarget(target: DeploymentTarget, group: DeviceGroup | undefined): RawBuilder<boolean> {
  switch (target.kind) {
    case 'all':
      return sql`true`;
    case 'devices':
      return sql`devices.id = any(${target.ids}::uuid[])`;
    case 'filter':
      return compileFilter(target.filter);
    case 'group':
      return group ? inGroup(group) : sql`false`;
  }
}

/** The group of a target; undefined for another kind of target, and for a group that is gone. */
export async function groupOfTarget(
  database: Database,
  tenantId: string,
  target: DeploymentTarget,
): Promise<DeviceGroup | undefined> {
  if (target.kind !== 'group') return undefined;
  try {
    return await getDeviceGroup(database, tenantId, target.groupId);
  } catch (error) {
    if (error instanceof LovelyError) return undefined;
    throw error;
  }
}

/**
 * Takes some more houses in, as rows that wait for their turn. Returns whether all are there. The transaction has the
 * deployment.
 */
export async function collectHouses(
  transaction: Database,
  row: DeploymentRow,
  nowMs: number,
  limit: number = DEPLOYMENT_COLLECT_HOUSES,
): Promise<boolean> {
  const group = await groupOfTarget(transaction, row.tenant_id, row.target);
  const startMs = performance.now();
  const { rows } = await sql<{ found: number; last: string | null }>`
    with found as (
      select devices.id from devices
      where devices.tenant_id = ${row.tenant_id} and devices.id > ${row.collected_to ?? NO_ID}::uuid
        and ${inTarget(row.target, group, row.scope)}
      order by devices.id limit ${limit}),
    added as (
      insert into deployment_devices (deployment_id, device_id, tenant_id)
      select ${row.id}::uuid, found.id, ${row.tenant_id}::uuid from found
      where not exists (select from deployment_devices as known
        where known.deployment_id = ${row.id} and known.device_id = found.id)
      order by found.id
      on conflict do nothing)
    select count(*)::int as found, (select id from found order by id desc limit 1) as last from found`.execute(
    transaction,
  );
  const { found, last } = rows[0]!;
  const isAll = found < limit;
  // Looking for new members may take so much of the time.
  const pauseMs = Math.max(DEPLOYMENT_JOIN_MS, (performance.now() - startMs) / DEPLOYMENT_JOIN_SHARE);
  await transaction
    .updateTable('deployments')
    .set({
      collected_to: isAll ? null : last,
      ...(isAll ? { collected_at: new Date(nowMs), collect_at: new Date(nowMs + pauseMs) } : {}),
    })
    .where('id', '=', row.id)
    .execute();
  return isAll;
}

const NO_ID = '00000000-0000-0000-0000-000000000000';
