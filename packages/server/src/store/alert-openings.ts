/** Opening and closing alerts of locked devices: at most one open one for each (device, source, rule). */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Severity } from '@lovely/api';
import { ALERT_REOPEN_MINUTES_DEFAULT, RESOLVED_REOPEN_MINUTES } from '../limits.ts';
import { appendAlertEvents, recordAlertEvents, type AlertEventEntry } from './alert-events.ts';
import type { Scalar } from './schema.ts';
import type { Database } from './store.ts';

/** What happened to an alert, as others are told. */
export interface AlertChange {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly alertId: string;
  readonly change:
    | 'opened'
    | 'reopened'
    | 'closed'
    | 'acknowledged'
    | 'unacknowledged'
    | 'assigned'
    | 'snoozed'
    | 'unsnoozed'
    | 'commented';
}

export interface Raise {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly source: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly description: string;
  readonly values: Readonly<Record<string, Scalar>>;
  readonly ts: Date;
  /** How many equal ones this stands for. */
  readonly count: number;
}

/**
 * Raises alerts, each (device, source, rule) once. One that is open already is counted; one that was closed a short time
 * ago is open again, so that what flaps is one alert (docs/alerts.md); everything else is new.
 */
export async function raiseAlerts(transaction: Database, raises: readonly Raise[]): Promise<AlertChange[]> {
  if (raises.length === 0) return [];
  const reopened = await reopenAlerts(transaction, raises);
  const isReopened = new Set(reopened.map(keyOf));
  const rest = raises.filter((raise) => !isReopened.has(keyOf(raise)));
  const opened = await openAlerts(transaction, rest);
  await appendAlertEvents(
    transaction,
    opened.map((row) => entryOf(row, 'opened')),
  );
  await recordAlertEvents(
    transaction,
    reopened.map((row) => entryOf(row, 'reopened')),
  );
  return [...opened.map((row) => changeOf(row, 'opened')), ...reopened.map((row) => changeOf(row, 'reopened'))];
}

const entryOf = (
  { tenantId, alertId, at, description, severity }: Raised,
  kind: 'opened' | 'reopened',
): AlertEventEntry => ({
  tenantId,
  alertId,
  at,
  kind,
  text: description,
  details: { severity },
});

const changeOf = ({ tenantId, deviceId, alertId }: Raised, change: AlertChange['change']): AlertChange => ({
  tenantId,
  deviceId,
  alertId,
  change,
});

type Raised = Pick<AlertChange, 'tenantId' | 'deviceId' | 'alertId'> &
  Pick<Raise, 'source' | 'rule' | 'description' | 'severity'> & { readonly at: Date };

const keyOf = ({ deviceId, source, rule }: Pick<Raise, 'deviceId' | 'source' | 'rule'>): string =>
  `${deviceId} ${rule} ${source}`;

const RAISED = sql`alerts.tenant_id as "tenantId", alerts.device_id as "deviceId", alerts.id as "alertId", alerts.source, alerts.rule,
  alerts.description, alerts.severity, alerts.last_raised_at as at`;

/**
 * Opens alerts again whose end is not long ago. Who looks after one still does; but what a person took for resolved is to
 * be looked at anew.
 */
async function reopenAlerts(transaction: Database, raises: readonly Raise[]): Promise<Raised[]> {
  const { rows } = await sql<Raised>`
    update alerts set closed_at = null, closed_by = null, closed_by_user = null, close_reason = null,
      acknowledged_at = case when alerts.closed_by = 'user' then null else alerts.acknowledged_at end,
      acknowledged_by = case when alerts.closed_by = 'user' then null else alerts.acknowledged_by end,
      reopened = alerts.reopened + 1, active_since = now(), count = alerts.count + again.count,
      last_raised_at = greatest(alerts.last_raised_at, again.ts), severity = again.severity,
      description = again.description, values = again.values
    from ${unnested(raises)} as again(id, tenant_id, device_id, source, rule, severity, description, values, ts, count)
      join tenants on tenants.id = again.tenant_id
      cross join lateral (
        select id, closed_at, closed_by from alerts as ended
        where ended.device_id = again.device_id and ended.source = again.source and ended.rule = again.rule and ended.closed_at is not null
        order by ended.closed_at desc limit 1) as last
    where alerts.id = last.id
      and last.closed_at > again.ts - make_interval(mins => greatest(
        coalesce((tenants.settings ->> 'alertReopenMinutes')::int, ${ALERT_REOPEN_MINUTES_DEFAULT}::int),
        case when last.closed_by = 'user' then ${RESOLVED_REOPEN_MINUTES}::int else 0 end))
      and not exists (select from alerts as active where active.device_id = again.device_id and active.source = again.source
        and active.rule = again.rule and active.closed_at is null)
    returning ${RAISED}`.execute(transaction);
  return rows;
}

/** Opens new alerts and counts those that are open; returns the new ones. */
async function openAlerts(transaction: Database, raises: readonly Raise[]): Promise<Raised[]> {
  if (raises.length === 0) return [];
  const { rows } = await sql<Raised & { isNew: boolean }>`
    insert into alerts (id, tenant_id, device_id, source, rule, severity, description, values, opened_at, last_raised_at, count)
    select id, tenant_id, device_id, source, rule, severity, description, values, ts, ts, count from ${unnested(raises)} as new(id, tenant_id, device_id, source, rule, severity, description, values, ts, count)
    on conflict (device_id, source, rule) where closed_at is null do update
      set count = alerts.count + excluded.count, description = excluded.description, values = excluded.values,
        severity = excluded.severity, last_raised_at = greatest(alerts.last_raised_at, excluded.last_raised_at)
    returning ${RAISED}, xmax = 0 as "isNew"`.execute(transaction);
  return rows.filter((row) => row.isNew);
}

function unnested(raises: readonly Raise[]) {
  return sql`unnest(${raises.map(() => randomUUID())}::uuid[], ${raises.map((raise) => raise.tenantId)}::uuid[],
    ${raises.map((raise) => raise.deviceId)}::uuid[], ${raises.map((raise) => raise.source)}::text[],
    ${raises.map((raise) => raise.rule)}::text[], ${raises.map((raise) => raise.severity)}::text[],
    ${raises.map((raise) => raise.description)}::text[], ${raises.map((raise) => JSON.stringify(raise.values))}::jsonb[],
    ${raises.map((raise) => raise.ts)}::timestamptz[], ${raises.map((raise) => raise.count)}::int[])`;
}

export interface Clear {
  readonly deviceId: string;
  readonly source: string;
  readonly rule: string;
  readonly ts: Date;
  /** Who found that it is over. */
  readonly by: 'device' | 'server';
  readonly reason?: string;
}

/** Closes the open alerts that these are about. */
export async function clearAlerts(transaction: Database, clears: readonly Clear[]): Promise<AlertChange[]> {
  if (clears.length === 0) return [];
  const { rows } = await sql<Omit<AlertChange, 'change'> & { by: string; reason: string | null; at: Date }>`
    update alerts set closed_at = greatest(cleared.ts, alerts.opened_at), closed_by = cleared.by, closed_by_user = null,
      close_reason = cleared.reason
    from unnest(${clears.map((clear) => clear.deviceId)}::uuid[], ${clears.map((clear) => clear.source)}::text[],
      ${clears.map((clear) => clear.rule)}::text[], ${clears.map((clear) => clear.ts)}::timestamptz[],
      ${clears.map((clear) => clear.by)}::text[], ${clears.map((clear) => clear.reason ?? null)}::text[])
      as cleared(device_id, source, rule, ts, by, reason)
    where alerts.device_id = cleared.device_id and alerts.source = cleared.source and alerts.rule = cleared.rule and alerts.closed_at is null
    returning alerts.tenant_id as "tenantId", alerts.device_id as "deviceId", alerts.id as "alertId", alerts.closed_by as by,
      alerts.close_reason as reason, alerts.closed_at as at`.execute(transaction);
  await appendAlertEvents(
    transaction,
    rows.map(({ tenantId, alertId, by, reason, at }) => ({
      tenantId,
      alertId,
      at,
      kind: 'closed',
      text: reason ?? '',
      details: { by },
    })),
  );
  return rows.map(({ tenantId, deviceId, alertId }) => ({ tenantId, deviceId, alertId, change: 'closed' }));
}
