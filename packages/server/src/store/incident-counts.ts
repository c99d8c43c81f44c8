/** The figures of incidents, counted from their alerts: an incident is over when all of its alerts are. */
import { sql } from 'kysely';
import type { Database } from './store.ts';

export interface IncidentChange {
  readonly tenantId: string;
  readonly incidentId: string;
  /** One of its houses: whoever may see it hears of the incident. Null when none is left. */
  readonly deviceId: string | null;
  readonly change: 'opened' | 'updated' | 'reopened' | 'closed';
}

/** Counts these incidents anew; returns those that are different now. */
export async function countIncidents(transaction: Database, ids: readonly string[]): Promise<IncidentChange[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<Omit<IncidentChange, 'change'> & { wasClosed: boolean; isClosed: boolean }>`
    with before as materialized (
      select id, closed_at from incidents where id = any(${[...ids]}::uuid[]) and merged_into is null order by id for update),
    counted as (
      select incident_id, count(*) as alerts, count(*) filter (where closed_at is null) as active_alerts,
        count(distinct device_id) filter (where closed_at is null) as houses,
        count(distinct device_id) filter (where active_since > now() - interval '1 hour') as houses_last_hour,
        min(opened_at) as first_at, max(opened_at) as last_at, min(severity) as severity, (array_agg(device_id))[1] as device_id
      from alerts where incident_id in (select id from before) group by incident_id)
    update incidents set alerts = now_is.alerts, active_alerts = now_is.active_alerts, houses = now_is.houses,
      houses_max = greatest(houses_max, now_is.houses), houses_last_hour = now_is.houses_last_hour,
      first_at = coalesce(now_is.first_at, incidents.first_at), last_at = coalesce(now_is.last_at, incidents.last_at),
      severity = coalesce(now_is.severity, incidents.severity),
      closed_at = case when now_is.active_alerts > 0 then null else coalesce(incidents.closed_at, now()) end
    from (
      select before.id, before.closed_at, coalesce(alerts, 0) as alerts, coalesce(active_alerts, 0) as active_alerts,
        coalesce(houses, 0) as houses, coalesce(houses_last_hour, 0) as houses_last_hour, first_at, last_at, severity, device_id
      from before left join counted on counted.incident_id = before.id) as now_is
    where incidents.id = now_is.id
      and (incidents.alerts, incidents.active_alerts, incidents.houses, incidents.houses_last_hour, incidents.closed_at is null)
        is distinct from (now_is.alerts, now_is.active_alerts, now_is.houses, now_is.houses_last_hour, now_is.active_alerts > 0)
    returning incidents.tenant_id as "tenantId", incidents.id as "incidentId", now_is.device_id as "deviceId",
      now_is.closed_at is not null as "wasClosed", incidents.closed_at is not null as "isClosed"`.execute(transaction);
  return rows.map(({ wasClosed, isClosed, ...row }) => ({
    ...row,
    change: isClosed === wasClosed ? 'updated' : isClosed ? 'closed' : 'reopened',
  }));
}

/**
 * Incidents whose figures may be out of date: those that are going on, and those with an alert that is open again. In no
 * order, so that where there are more than `limit`, each has its turn.
 */
export async function listIncidentsToCount(database: Database, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from (
      select id from incidents where closed_at is null and merged_into is null
      union all
      select id from incidents where closed_at > now() - interval '1 day' and merged_into is null
        and exists (select from alerts where alerts.incident_id = incidents.id and alerts.closed_at is null)) as due
    order by random() limit ${limit}`.execute(database);
  return rows.map(({ id }) => id);
}
