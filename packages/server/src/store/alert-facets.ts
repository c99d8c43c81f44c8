/** How many alerts there are of each kind. */
import { sql, type RawBuilder } from 'kysely';
import { ALERT_COUNT_MAX, type AlertState, type Result, type listAlertFacets as contract } from '@lovely/api';
import type { DeviceScope } from '../domain/device-scope.ts';
import { ALERT_FACET_ALERTS_MAX } from '../limits.ts';
import { withinScope } from './device-filter.ts';
import type { Database } from './store.ts';

export type AlertFacets = Result<typeof contract>;

/** Alerts that are the same in all that is counted. */
interface Sort {
  readonly state: AlertState;
  readonly rule: string;
  readonly severity: AlertFacets['severities'][number]['severity'];
  readonly assigneeId: string | null;
  readonly alerts: number;
}

/** Counts by state, and what occurs among those of one state; of closed ones, among the newest. */
export async function listAlertFacets(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  { userId, state }: { userId: string; state: AlertState | 'active' },
): Promise<AlertFacets> {
  const isSeen =
    scope.kind === 'all'
      ? sql`true`
      : sql`exists (select from devices where devices.id = alerts.device_id and ${withinScope(scope)})`;
  // From alerts_facets alone, as long as the scope asks for nothing else.
  const { rows: active } = await sql<Sort>`
    select state, rule, severity, assignee_id as "assigneeId", count(*) as alerts
    from alerts where tenant_id = ${tenantId} and closed_at is null and ${isSeen}
    group by state, rule, severity, assignee_id`.execute(database);
  const { rows: closedCount } = await sql<{ alerts: number }>`
    select count(*) as alerts from (
      select from alerts where tenant_id = ${tenantId} and state = 'closed' and ${isSeen} limit ${ALERT_COUNT_MAX}) as newest`.execute(
    database,
  );
  const count = (isOne: (sort: Sort) => boolean): number =>
    active.filter(isOne).reduce((sum, { alerts }) => sum + alerts, 0);
  const wanted =
    state === 'closed'
      ? await newestClosed(database, tenantId, isSeen)
      : active.filter((sort) => state === 'active' || sort.state === state);
  const rules = countBy(wanted, ({ rule }) => rule);
  const assignees = countBy(wanted, ({ assigneeId }) => assigneeId);
  const titles = await titlesOf(database, tenantId, [...rules.keys()]);
  const names = await namesOf(database, [...assignees.keys()]);
  return {
    counts: {
      open: count((sort) => sort.state === 'open'),
      acknowledged: count((sort) => sort.state === 'acknowledged'),
      snoozed: count((sort) => sort.state === 'snoozed'),
      mine: count(({ assigneeId }) => assigneeId === userId),
      closed: closedCount[0]!.alerts,
    },
    rules: mostFirst(
      [...rules].map(([rule, alerts]) => ({ rule, title: titles.get(rule) ?? rule, alerts })),
      ({ rule }) => rule,
    ),
    severities: [...countBy(wanted, ({ severity }) => severity)]
      .map(([severity, alerts]) => ({ severity, alerts }))
      .toSorted((a, b) => (a.severity < b.severity ? -1 : 1)),
    assignees: mostFirst(
      names.map(({ id, name }) => ({ id, name, alerts: assignees.get(id)! })),
      ({ name }) => name,
    ),
  };
}

async function newestClosed(database: Database, tenantId: string, isSeen: RawBuilder<unknown>): Promise<Sort[]> {
  const { rows } = await sql<Sort>`
    select state, rule, severity, assignee_id as "assigneeId", count(*) as alerts from (
      select state, rule, severity, assignee_id from alerts
      where tenant_id = ${tenantId} and state = 'closed' and ${isSeen}
      order by opened_at desc, id desc limit ${ALERT_FACET_ALERTS_MAX}) as newest
    group by state, rule, severity, assignee_id`.execute(database);
  return rows;
}

function countBy<K>(sorts: readonly Sort[], keyOf: (sort: Sort) => K | null): Map<K, number> {
  const counts = new Map<K, number>();
  for (const sort of sorts) {
    const key = keyOf(sort);
    if (key !== null) counts.set(key, (counts.get(key) ?? 0) + sort.alerts);
  }
  return counts;
}

function mostFirst<T extends { readonly alerts: number }>(counted: readonly T[], nameOf: (one: T) => string): T[] {
  return counted.toSorted((a, b) => b.alerts - a.alerts || (nameOf(a) < nameOf(b) ? -1 : 1));
}

async function titlesOf(database: Database, tenantId: string, keys: string[]): Promise<Map<string, string>> {
  const rows = await database
    .selectFrom('rules')
    .select(['key', 'title'])
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`key = any(${keys})`)
    .execute();
  return new Map(rows.map(({ key, title }) => [key, title]));
}

async function namesOf(database: Database, ids: string[]): Promise<{ id: string; name: string }[]> {
  return await database
    .selectFrom('users')
    .select(['id', 'name'])
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .execute();
}
