/** What people do about alerts: one thing to one alert or to many, with the health of their houses and their timelines. */
import { sql, type RawBuilder } from 'kysely';
import type { AlertAction, AlertEventKind, AlertState } from '@lovely/api';
import type { DeviceScope } from '../domain/device-scope.ts';
import { ALERT_COMMENTS_MAX } from '../limits.ts';
import { recordAlertEvents } from './alert-events.ts';
import type { AlertChange } from './alert-openings.ts';
import type { AlertOutcome } from './alerts.ts';
import { withinScope } from './device-filter.ts';
import { lockDevices, refreshHealth } from './health.ts';
import { countIncidents, type IncidentChange } from './incident-counts.ts';
import type { Database } from './store.ts';

/** Which alerts of a tenant. */
export type AlertSelection =
  | { readonly alertIds: readonly string[] }
  | { readonly incidentId: string }
  | { readonly rule: string; readonly state: AlertState | 'active' };

export interface AlertsToChange {
  readonly tenantId: string;
  readonly which: AlertSelection;
  /** Houses that whoever does it may change. */
  readonly scope: DeviceScope;
  readonly by: { readonly id: string; readonly name: string };
  /** For `assign`: who, and the houses that they may see. */
  readonly assignee?: { readonly id: string; readonly name: string; readonly scope: DeviceScope } | undefined;
  readonly limit: number;
}

export interface AlertsChangedOutcome extends AlertOutcome {
  readonly alertIds: string[];
  /** There are more than `limit`. */
  readonly more: boolean;
  readonly incidents: IncidentChange[];
}

/** How an action is carried out: on which alerts there is something to do, and what changes. */
interface Step {
  readonly kind: AlertEventKind;
  readonly change: AlertChange['change'];
  readonly when: RawBuilder<boolean>;
  readonly set: RawBuilder<unknown>;
  readonly text?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly changesHealth?: true;
}

function stepOf(action: AlertAction, { by, assignee }: AlertsToChange): Step {
  switch (action.kind) {
    case 'acknowledge':
      return {
        kind: 'acknowledged',
        change: 'acknowledged',
        when: sql`alerts.closed_at is null and alerts.acknowledged_at is null`,
        set: sql`acknowledged_at = now(), acknowledged_by = ${by.id}::uuid`,
      };
    case 'unacknowledge':
      return {
        kind: 'unacknowledged',
        change: 'unacknowledged',
        when: sql`alerts.closed_at is null and alerts.acknowledged_at is not null`,
        set: sql`acknowledged_at = null, acknowledged_by = null`,
      };
    case 'assign':
      return {
        kind: 'assigned',
        change: 'assigned',
        when: sql`alerts.assignee_id is distinct from ${action.userId}::uuid`,
        set: sql`assignee_id = ${action.userId}::uuid`,
        details: { userId: action.userId, name: assignee?.name ?? null },
      };
    case 'snooze':
      return {
        kind: 'snoozed',
        change: 'snoozed',
        when: sql`alerts.closed_at is null and alerts.snoozed_until is distinct from ${action.until}::timestamptz`,
        set: sql`snoozed_until = ${action.until}::timestamptz`,
        details: { until: action.until },
        changesHealth: true,
      };
    case 'unsnooze':
      return {
        kind: 'unsnoozed',
        change: 'unsnoozed',
        when: sql`alerts.closed_at is null and alerts.snoozed_until is not null`,
        set: sql`snoozed_until = null`,
        changesHealth: true,
      };
    case 'resolve':
      return {
        kind: 'closed',
        change: 'closed',
        when: sql`alerts.closed_at is null`,
        set: sql`closed_at = greatest(now(), alerts.opened_at), closed_by = 'user', closed_by_user = ${by.id}::uuid,
          close_reason = ${action.reason}`,
        text: action.reason,
        details: { by: 'user' },
        changesHealth: true,
      };
    case 'reopen':
      return {
        kind: 'reopened',
        change: 'reopened',
        when: sql`alerts.closed_by = 'user' and not exists (select from alerts as active where active.device_id = alerts.device_id
          and active.source = alerts.source and active.rule = alerts.rule and active.closed_at is null)
          and not exists (select from alerts as later where later.device_id = alerts.device_id and later.source = alerts.source
            and later.rule = alerts.rule and later.closed_at > alerts.closed_at)`,
        set: sql`closed_at = null, closed_by = null, closed_by_user = null, close_reason = null, active_since = now()`,
        changesHealth: true,
      };
    case 'comment':
      return {
        kind: 'comment',
        change: 'commented',
        when: sql`alerts.comments < ${ALERT_COMMENTS_MAX}`,
        set: sql`comments = alerts.comments + 1`,
        text: action.text,
      };
  }
}

/** Does it to those where there is something to do, the newest first; needs a transaction. */
export async function changeAlerts(
  transaction: Database,
  action: AlertAction,
  asked: AlertsToChange,
): Promise<AlertsChangedOutcome> {
  const { tenantId, by } = asked;
  const step = stepOf(action, asked);
  const { rows: found } = await sql<{ id: string; deviceId: string }>`
    select alerts.id, alerts.device_id as "deviceId" from alerts join devices on devices.id = alerts.device_id
    where alerts.tenant_id = ${tenantId} and ${isSelected(asked.which)} and ${step.when} and ${withinScope(asked.scope)}
      and ${asked.assignee ? withinScope(asked.assignee.scope) : sql`true`}
    order by alerts.opened_at desc, alerts.id desc limit ${asked.limit + 1}`.execute(transaction);
  const chosen = found.slice(0, asked.limit);
  const deviceIds = [...new Set(chosen.map(({ deviceId }) => deviceId))];
  // In the order of everybody else who changes alerts; then it is looked again what there is to do.
  await lockDevices(transaction, deviceIds);
  const { rows } = await sql<Omit<AlertChange, 'change'> & { incidentId: string | null }>`
    update alerts set ${step.set} where alerts.id = any(${chosen.map(({ id }) => id)}::uuid[]) and ${step.when}
    returning tenant_id as "tenantId", device_id as "deviceId", id as "alertId", incident_id as "incidentId"`.execute(
    transaction,
  );
  await recordAlertEvents(
    transaction,
    rows.map(({ alertId }) => ({
      tenantId,
      alertId,
      kind: step.kind,
      by,
      text: step.text ?? '',
      details: step.details ?? {},
    })),
  );
  const incidentIds = new Set(rows.flatMap(({ incidentId }) => incidentId ?? []));
  return {
    alerts: rows.map(({ deviceId, alertId }) => ({ tenantId, deviceId, alertId, change: step.change })),
    health: step.changesHealth ? await refreshHealth(transaction, deviceIds) : [],
    incidents: await countIncidents(transaction, [...incidentIds]),
    alertIds: rows.map(({ alertId }) => alertId),
    more: found.length > asked.limit,
  };
}

function isSelected(which: AlertSelection): RawBuilder<boolean> {
  if ('alertIds' in which) return sql`alerts.id = any(${[...which.alertIds]}::uuid[])`;
  if ('incidentId' in which) return sql`alerts.incident_id = ${which.incidentId}::uuid`;
  const { rule, state } = which;
  return state === 'active'
    ? sql`alerts.rule = ${rule} and alerts.closed_at is null`
    : sql`alerts.rule = ${rule} and alerts.state = ${state}`;
}
