/** A device's health follows its open alerts, in the transaction that changes them. */
import { sql } from 'kysely';
import type { Health } from '@lovely/api';
import { OFFLINE_RULE } from '../domain/default-rules.ts';
import type { Database } from './store.ts';

export interface HealthChange {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly health: Health;
}

/**
 * Locks the rows of these devices in one order, so that two batches neither deadlock nor overlook each other's alerts,
 * and tells which exist and whose they are.
 */
export async function lockDevices(database: Database, deviceIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; tenantId: string }>`
    select id, tenant_id as "tenantId" from devices where id = any(${[...new Set(deviceIds)]}::uuid[]) order by id for update`.execute(
    database,
  );
  return new Map(rows.map((row) => [row.id, row.tenantId]));
}

/** Sets the health of locked devices to that of their worst open alert that isn't snoozed; returns what changed. */
export async function refreshHealth(database: Database, deviceIds: readonly string[]): Promise<HealthChange[]> {
  if (deviceIds.length === 0) return [];
  const { rows } = await sql<HealthChange>`
    update devices set health = now_is.health
    from (
      select devices.id, case
        when bool_or(alerts.rule = ${OFFLINE_RULE}) then 'offline'
        when bool_or(alerts.severity = 'critical') then 'critical'
        when count(alerts.id) > 0 then 'warning'
        when exists (select from presence where presence.device_id = devices.id) then 'ok'
        else 'unknown' end as health
      from devices left join alerts on alerts.device_id = devices.id and alerts.closed_at is null and alerts.snoozed_until is null
      where devices.id = any(${[...deviceIds]}::uuid[])
      group by devices.id) as now_is
    where devices.id = now_is.id and devices.health <> now_is.health
    returning devices.tenant_id as "tenantId", devices.id as "deviceId", devices.health`.execute(database);
  return rows;
}
