/** The fleet in numbers. */
import { sql } from 'kysely';
import type { AlertGroup, Health } from '@lovely/api';
import type { DeviceScope } from '../domain/device-scope.ts';
import { withinScope } from './device-filter.ts';
import type { Database } from './store.ts';

export interface FleetCounts {
  readonly devices: number;
  readonly connected: number;
  readonly pending: number;
  readonly unplaced: number;
  readonly alerts: number;
  readonly health: Record<Health, number>;
}

/** How many devices of a tenant are in which state. */
export async function countFleet(database: Database, tenantId: string, scope: DeviceScope): Promise<FleetCounts> {
  // Who is in the scope is found out once, and not at all for a reader of the whole tenant.
  const isAll = scope.kind === 'all';
  const seen = isAll
    ? sql``
    : sql`with seen as materialized (
        select id, status, health, latitude from devices where tenant_id = ${tenantId} and ${withinScope(scope)})`;
  const devices = isAll ? sql`devices where tenant_id = ${tenantId}` : sql`seen`;
  const isSeen = isAll ? sql`true` : sql`device_id in (select id from seen)`;
  const { rows } = await sql<Record<Health, number> & Omit<FleetCounts, 'health'>>`
    ${seen}
    select
      count(*) filter (where status = 'accepted') as devices,
      count(*) filter (where status = 'pending') as pending,
      count(*) filter (where status = 'accepted' and latitude is null) as unplaced,
      count(*) filter (where status = 'accepted' and health = 'ok') as ok,
      count(*) filter (where status = 'accepted' and health = 'warning') as warning,
      count(*) filter (where status = 'accepted' and health = 'critical') as critical,
      count(*) filter (where status = 'accepted' and health = 'offline') as offline,
      count(*) filter (where status = 'accepted' and health = 'unknown') as unknown,
      (select count(*) from presence where presence.tenant_id = ${tenantId} and connected and ${isSeen}) as connected,
      (select count(*) from alerts where alerts.tenant_id = ${tenantId} and closed_at is null and snoozed_until is null
        and ${isSeen}) as alerts
    from ${devices}`.execute(database);
  const { devices: accepted, connected, pending, unplaced, alerts, ...health } = rows[0]!;
  return { devices: accepted, connected, pending, unplaced, alerts, health };
}

/** Alerts by rule that are open or acknowledged, the most common first. */
export async function listAlertGroups(database: Database, tenantId: string, scope: DeviceScope): Promise<AlertGroup[]> {
  const rows = await database
    .selectFrom('alerts')
    .innerJoin('devices', 'devices.id', 'alerts.device_id')
    .leftJoin('rules', (join) =>
      join.onRef('rules.tenant_id', '=', 'alerts.tenant_id').onRef('rules.key', '=', 'alerts.rule'),
    )
    .select([
      'alerts.rule',
      sql<string>`coalesce(max(rules.title), alerts.rule)`.as('title'),
      sql<string>`coalesce((array_agg(rules.suggestion[1]))[1], '')`.as('suggestion'),
      sql<'warning' | 'critical'>`min(alerts.severity)`.as('severity'),
      sql<number>`count(distinct alerts.device_id)`.as('devices'),
    ])
    .where('alerts.tenant_id', '=', tenantId)
    .where('alerts.closed_at', 'is', null)
    .where('alerts.snoozed_until', 'is', null)
    .where(withinScope(scope))
    .groupBy('alerts.rule')
    .orderBy('devices', 'desc')
    .execute();
  // What the braces stand for differs from house to house.
  return rows.map((row) => ({ ...row, suggestion: row.suggestion.replaceAll(/\{[^{}]+\}/g, '…') }));
}
