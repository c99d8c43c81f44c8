/** Incidents as people see them. Whoever sees some houses only is told of those: the figures are counted for them. */
import { sql, type RawBuilder } from 'kysely';
import type { AlertAction, AlertState, Incident, IncidentDetail, IncidentTrait, Severity } from '@lovely/api';
import type { DeviceScope } from '../domain/device-scope.ts';
import { incidentTitle, OUTAGE } from '../domain/incident.ts';
import { LovelyError } from '../errors.ts';
import { INCIDENT_SAMPLE_ALERTS, INCIDENT_SERIES_POINTS } from '../limits.ts';
import { decodeCursor, encodeCursor, type Page } from './cursor.ts';
import { withinScope } from './device-filter.ts';
import type { IncidentChange } from './incident-counts.ts';
import type { Database } from './store.ts';

export interface IncidentFilter {
  /** `active` is all that aren't closed. */
  readonly state?: AlertState | 'active' | undefined;
  readonly rule?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** A page of incidents, newest first. */
export async function listIncidents(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  { state, rule, cursor, limit }: IncidentFilter,
): Promise<Page<Incident>> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  const conditions = [
    sql`incidents.merged_into is null`,
    ...(state === 'active' ? [sql`incidents.closed_at is null`] : state ? [sql`incidents.state = ${state}`] : []),
    ...(rule === undefined ? [] : [sql`incidents.rule = ${rule}`]),
    ...(after ? [sql`(incidents.created_at, incidents.id) < (${after.at}::timestamptz, ${after.id}::uuid)`] : []),
  ];
  const rows = await selectIncidents(database, tenantId, scope, sql`${sql.join(conditions, sql` and `)}`, limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map((row) => toIncident(row)),
    next: rows.length > limit && last ? encodeCursor(last.exactCreatedAt, last.id) : null,
  };
}

/** One incident with its course; of one that became part of another, that one. Throws 'not-found'. */
export async function getIncident(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  id: string,
): Promise<IncidentDetail> {
  const isIt = sql`incidents.id = coalesce((select merged_into from incidents as part
    where part.tenant_id = ${tenantId}::uuid and part.id = ${id}::uuid), ${id}::uuid)`;
  const [row] = await selectIncidents(database, tenantId, scope, isIt, 1);
  if (!row) throw new LovelyError('not-found');
  const { rows: series } = await sql<{ at: Date; houses: number }>`
    with course as materialized (
      select alerts.device_id, alerts.opened_at, alerts.closed_at from alerts join devices on devices.id = alerts.device_id
      where alerts.incident_id = ${row.id}::uuid and ${withinScope(scope)}),
    span as (select min(opened_at) as first, coalesce(max(closed_at) filter (where not exists (
      select from course where closed_at is null)), now()) as last from course)
    select at, (select count(distinct device_id) from course where opened_at <= at and (closed_at is null or closed_at > at)) as houses
    from span, generate_series(0, ${INCIDENT_SERIES_POINTS}::int) as nth,
      lateral (select first + (last - first) * nth / ${INCIDENT_SERIES_POINTS}::int as at) as moment
    order by at`.execute(database);
  const { rows: sample } = await sql<{ id: string }>`
    select alerts.id from alerts join devices on devices.id = alerts.device_id
    where alerts.incident_id = ${row.id}::uuid and ${withinScope(scope)}
    order by alerts.closed_at is not null, alerts.opened_at desc limit ${INCIDENT_SAMPLE_ALERTS}`.execute(database);
  return {
    ...toIncident(row),
    series: series.map(({ at, houses }) => ({ at: at.toISOString(), houses })),
    alertIds: sample.map((alert) => alert.id),
  };
}

/** How the incident itself is taken from now on, and with it the alerts that join it. */
export async function setIncident(
  transaction: Database,
  tenantId: string,
  id: string,
  action: AlertAction,
  userId: string,
): Promise<IncidentChange[]> {
  const set = settingOf(action, userId);
  if (!set) return [];
  const { rows } = await sql<Omit<IncidentChange, 'change'>>`
    update incidents set ${set} where tenant_id = ${tenantId} and id = ${id}
    returning tenant_id as "tenantId", id as "incidentId",
      (select device_id from alerts where incident_id = incidents.id limit 1) as "deviceId"`.execute(transaction);
  return rows.map((row) => ({ ...row, change: 'updated' }));
}

function settingOf(action: AlertAction, userId: string): RawBuilder<unknown> | undefined {
  switch (action.kind) {
    case 'acknowledge':
      return sql`acknowledged_at = coalesce(acknowledged_at, now()), acknowledged_by = ${userId}::uuid`;
    case 'unacknowledge':
      return sql`acknowledged_at = null, acknowledged_by = null`;
    case 'assign':
      return sql`assignee_id = ${action.userId}::uuid`;
    case 'snooze':
      return sql`snoozed_until = ${action.until}::timestamptz`;
    case 'unsnooze':
      return sql`snoozed_until = null`;
    case 'resolve':
    case 'reopen':
    case 'comment':
      // These are of the alerts alone: it is over when they are.
      return undefined;
  }
}

interface IncidentRow {
  readonly id: string;
  readonly rule: string;
  readonly kind: Incident['kind'];
  readonly severity: Severity;
  readonly trait: Pick<IncidentTrait, 'attribute' | 'value'> | null;
  readonly place: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly radiusKm: number | null;
  readonly traits: IncidentTrait[];
  readonly houses: number;
  readonly housesMax: number;
  readonly housesLastHour: number;
  readonly alerts: number;
  readonly activeAlerts: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly state: AlertState;
  readonly acknowledgedAt: Date | null;
  readonly snoozedUntil: Date | null;
  readonly closedAt: Date | null;
  readonly assigneeId: string | null;
  readonly assigneeName: string | null;
  readonly ruleTitle: string;
  readonly cause: string;
  readonly suggestion: string[];
  readonly exactCreatedAt: string;
}

async function selectIncidents(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  isWanted: RawBuilder<unknown>,
  limit: number,
): Promise<IncidentRow[]> {
  const isAll = scope.kind === 'all';
  const figures = isAll
    ? sql`incidents.houses, incidents.houses_max as "housesMax", incidents.houses_last_hour as "housesLastHour", incidents.alerts,
        incidents.active_alerts as "activeAlerts", incidents.first_at as "firstAt", incidents.last_at as "lastAt",
        incidents.latitude, incidents.longitude, incidents.radius_km as "radiusKm", incidents.traits, incidents.place`
    : sql`seen.houses, seen."housesMax", seen."housesLastHour", seen.alerts, seen."activeAlerts", seen."firstAt", seen."lastAt",
        seen.latitude, seen.longitude, null::float8 as "radiusKm", '[]'::jsonb as traits, '' as place`;
  const seen = isAll
    ? sql``
    : sql`cross join lateral (
        select count(distinct alerts.device_id) filter (where alerts.closed_at is null) as houses,
          count(distinct alerts.device_id) as "housesMax",
          count(distinct alerts.device_id) filter (where alerts.active_since > now() - interval '1 hour') as "housesLastHour",
          count(*) as alerts, count(*) filter (where alerts.closed_at is null) as "activeAlerts",
          min(alerts.opened_at) as "firstAt", max(alerts.opened_at) as "lastAt",
          percentile_cont(0.5) within group (order by devices.latitude) as latitude,
          percentile_cont(0.5) within group (order by devices.longitude) as longitude
        from alerts join devices on devices.id = alerts.device_id
        where alerts.incident_id = incidents.id and ${withinScope(scope)}) as seen`;
  const { rows } = await sql<IncidentRow>`
    select incidents.id, incidents.rule, incidents.kind, incidents.severity, incidents.trait, ${figures}, incidents.state,
      incidents.acknowledged_at as "acknowledgedAt", incidents.snoozed_until as "snoozedUntil", incidents.closed_at as "closedAt",
      incidents.assignee_id as "assigneeId", assignee.name as "assigneeName",
      coalesce(rules.title, incidents.rule) as "ruleTitle", coalesce(rules.cause, '') as cause,
      coalesce(rules.suggestion, '{}') as suggestion, incidents.created_at::text as "exactCreatedAt"
    from incidents left join rules on rules.tenant_id = incidents.tenant_id and rules.key = incidents.rule
      left join users as assignee on assignee.id = incidents.assignee_id ${seen}
    where incidents.tenant_id = ${tenantId}::uuid and ${isWanted} and ${isAll ? sql`true` : sql`seen.alerts > 0`}
    order by incidents.created_at desc, incidents.id desc limit ${limit}`.execute(database);
  return rows;
}

function toIncident(row: IncidentRow): Incident {
  const isOutage = row.kind === 'outage';
  const { latitude, longitude } = row;
  return {
    id: row.id,
    title: incidentTitle({ ...row, where: row.place, isOver: row.closedAt !== null }),
    rule: row.rule,
    ruleTitle: row.ruleTitle,
    severity: row.severity,
    kind: row.kind,
    cause: isOutage ? OUTAGE.cause : row.cause,
    // What the braces stand for differs from house to house.
    suggestion: isOutage ? [...OUTAGE.suggestion] : row.suggestion.map((step) => step.replaceAll(/\{[^{}]+\}/g, '…')),
    state: row.state,
    where: row.place,
    location: latitude === null || longitude === null ? null : { latitude, longitude },
    radiusKm: row.radiusKm,
    traits: row.traits,
    houses: row.houses,
    housesMax: row.housesMax,
    housesLastHour: row.housesLastHour,
    alerts: row.alerts,
    activeAlerts: row.activeAlerts,
    firstAt: row.firstAt.toISOString(),
    lastAt: row.lastAt.toISOString(),
    assignee: row.assigneeId === null ? null : { id: row.assigneeId, name: row.assigneeName ?? '' },
    acknowledgedAt: row.acknowledgedAt?.toISOString() ?? null,
    snoozedUntil: row.snoozedUntil?.toISOString() ?? null,
    closedAt: row.closedAt?.toISOString() ?? null,
  };
}
