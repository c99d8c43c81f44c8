/** Lists of alerts: each page is read from an index, whatever it is filtered by, also where there are millions. */
import { sql } from 'kysely';
import type { Alert, AlertDetail, AlertState, Severity } from '@lovely/api';
import type { DeviceGroup, DeviceScope } from '../domain/device-scope.ts';
import { fillTemplate } from '../domain/rule.ts';
import { LovelyError } from '../errors.ts';
import { listAlertEvents } from './alert-events.ts';
import { searchConditions } from './alert-search.ts';
import { decodeCursor, encodeCursor, type Page } from './cursor.ts';
import { inGroup, withinScope } from './device-filter.ts';
import type { Database } from './store.ts';

export interface AlertFilter {
  /** `active` is all that aren't closed. */
  readonly state?: AlertState | 'active' | undefined;
  readonly severity?: Severity | undefined;
  readonly rule?: string | undefined;
  readonly deviceId?: string | undefined;
  /** Only of devices in this group. */
  readonly group?: DeviceGroup | undefined;
  /** A user's id; null: nobody looks after it. */
  readonly assigneeId?: string | null | undefined;
  readonly incidentId?: string | undefined;
  readonly search?: string | undefined;
  /** Opened since then. */
  readonly since?: Date | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** A page of alerts, newest first, each with what its rule says about cause and solution. */
export async function listAlerts(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  filter: AlertFilter,
): Promise<Page<Alert>> {
  const { state } = filter;
  let query = selectAlerts(database, tenantId)
    .where(withinScope(scope))
    .orderBy('alerts.opened_at', 'desc')
    .orderBy('alerts.id', 'desc')
    .limit(filter.limit + 1);
  if (state === 'active') query = query.where('alerts.closed_at', 'is', null);
  else if (state) query = query.where('alerts.state', '=', state);
  // What isn't closed has indexes by rule and severity of its own.
  if (state && state !== 'closed' && (filter.rule || filter.severity))
    query = query.where('alerts.closed_at', 'is', null);
  if (filter.severity) query = query.where('alerts.severity', '=', filter.severity);
  if (filter.rule) query = query.where('alerts.rule', '=', filter.rule);
  if (filter.deviceId) query = query.where('alerts.device_id', '=', filter.deviceId);
  if (filter.group) query = query.where(inGroup(filter.group));
  if (filter.assigneeId === null) query = query.where('alerts.assignee_id', 'is', null);
  else if (filter.assigneeId) query = query.where('alerts.assignee_id', '=', filter.assigneeId);
  if (filter.incidentId) query = query.where('alerts.incident_id', '=', filter.incidentId);
  if (filter.since) query = query.where('alerts.opened_at', '>=', filter.since);
  if (filter.search)
    for (const condition of await searchConditions(database, tenantId, filter.search)) query = query.where(condition);
  if (filter.cursor) {
    const { at, id } = decodeCursor(filter.cursor);
    query = query.where(sql<boolean>`(alerts.opened_at, alerts.id) < (${at}::timestamptz, ${id}::uuid)`);
  }
  const rows = await query.execute();
  const page = rows.slice(0, filter.limit);
  const last = page.at(-1);
  return {
    items: page.map(toAlert),
    next: rows.length > filter.limit && last ? encodeCursor(last.exactOpenedAt, last.id) : null,
  };
}

/** One alert with its timeline. Throws 'not-found'. */
export async function getAlert(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  id: string,
): Promise<AlertDetail> {
  const row = await selectAlerts(database, tenantId)
    .where('alerts.id', '=', id)
    .where(withinScope(scope))
    .executeTakeFirst();
  if (!row) throw new LovelyError('not-found');
  const alert = toAlert(row);
  return { ...alert, timeline: withRaises(alert, await listAlertEvents(database, tenantId, id)) };
}

/** The house of an alert of the tenant, whoever may see it; undefined when there is no such alert. */
export async function findAlertDevice(database: Database, tenantId: string, id: string): Promise<string | undefined> {
  const row = await database
    .selectFrom('alerts')
    .select('device_id')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.device_id;
}

/** Raises of what is open already are counted and not written one by one: they are one entry, at the last of them. */
function withRaises(
  { count, reopened, lastRaisedAt }: Alert,
  events: AlertDetail['timeline'],
): AlertDetail['timeline'] {
  const repeats = count - reopened - 1;
  if (repeats <= 0) return events;
  const raised: AlertDetail['timeline'][number] = {
    id: 'raised',
    at: lastRaisedAt,
    kind: 'raised',
    by: null,
    text: '',
    details: { count: repeats },
  };
  const opened = events.findLastIndex(({ kind }) => kind === 'opened' || kind === 'reopened');
  const after = events.findIndex(({ at }, index) => index > opened && at > lastRaisedAt);
  return after < 0 ? [...events, raised] : events.toSpliced(after, 0, raised);
}

function selectAlerts(database: Database, tenantId: string) {
  return database
    .selectFrom('alerts')
    .innerJoin('devices', 'devices.id', 'alerts.device_id')
    .leftJoin('rules', (join) =>
      join.onRef('rules.tenant_id', '=', 'alerts.tenant_id').onRef('rules.key', '=', 'alerts.rule'),
    )
    .leftJoin('users as acknowledger', 'acknowledger.id', 'alerts.acknowledged_by')
    .leftJoin('users as assignee', 'assignee.id', 'alerts.assignee_id')
    .leftJoin('users as closer', 'closer.id', 'alerts.closed_by_user')
    .selectAll('alerts')
    .select([
      'devices.name as deviceName',
      'rules.title',
      'rules.cause',
      'rules.suggestion',
      'acknowledger.name as acknowledgerName',
      'assignee.name as assigneeName',
      'closer.name as closerName',
      sql<string>`alerts.opened_at::text`.as('exactOpenedAt'),
    ])
    .where('alerts.tenant_id', '=', tenantId);
}

type AlertRow = Awaited<ReturnType<ReturnType<typeof selectAlerts>['executeTakeFirstOrThrow']>>;

function toAlert(row: AlertRow): Alert {
  return {
    id: row.id,
    deviceId: row.device_id,
    deviceName: row.deviceName,
    source: row.source,
    rule: row.rule,
    severity: row.severity,
    title: row.title ?? row.rule,
    description: row.description,
    cause: row.cause ?? '',
    suggestion: (row.suggestion ?? []).map((step) =>
      fillTemplate(step, { ...row.values, source: row.source, target: row.source }),
    ),
    values: row.values,
    state: row.state,
    openedAt: row.opened_at.toISOString(),
    count: row.count,
    lastRaisedAt: row.last_raised_at.toISOString(),
    reopened: row.reopened,
    acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
    acknowledgedBy: named(row.acknowledged_by, row.acknowledgerName),
    assignee: named(row.assignee_id, row.assigneeName),
    snoozedUntil: row.snoozed_until?.toISOString() ?? null,
    closedAt: row.closed_at?.toISOString() ?? null,
    closedBy: row.closed_by,
    closedByUser: named(row.closed_by_user, row.closerName),
    closeReason: row.close_reason,
    incidentId: row.incident_id,
    comments: row.comments,
  };
}

/** Null for who is no user any more. */
export function named(id: string | null, name: string | null): { id: string; name: string } | null {
  return id === null || name === null ? null : { id, name };
}
