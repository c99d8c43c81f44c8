/** How many alerts there are of each kind. */
import { sql } from 'kysely';
import { ALERT_COUNT_MAX, type AlertState, type Result, type listAlertFacets as contract } from '@lovely/api';
import type { DeviceScope } from '../domain/device-scope.ts';
import { ALERT_FACET_ALERTS_MAX } from '../limits.ts';
import { withinScope } from './device-filter.ts';
import type { Database } from './store.ts';

export type AlertFacets = Result<typeof contract>;

/** Counts by state, and what occurs among the newest of one state. */
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
  const { rows: counts } = await sql<AlertFacets['counts']>`
    select count(*) filter (where state = 'open') as open, count(*) filter (where state = 'acknowledged') as acknowledged,
      count(*) filter (where state = 'snoozed') as snoozed, count(*) filter (where assignee_id = ${userId}::uuid) as mine,
      (select count(*) from (
        select from alerts where tenant_id = ${tenantId} and state = 'closed' and ${isSeen} limit ${ALERT_COUNT_MAX}) as newest) as closed
    from alerts where tenant_id = ${tenantId} and closed_at is null and ${isSeen}`.execute(database);
  const ofState = state === 'active' ? sql`closed_at is null` : sql`state = ${state}`;
  const { rows } = await sql<Omit<AlertFacets, 'counts'>>`
    with newest as materialized (
      select rule, severity, assignee_id from alerts where tenant_id = ${tenantId} and ${ofState} and ${isSeen}
      order by opened_at desc, id desc limit ${ALERT_FACET_ALERTS_MAX})
    select
      coalesce((select jsonb_agg(jsonb_build_object('rule', rule, 'title', title, 'alerts', alerts) order by alerts desc, rule) from (
        select newest.rule, coalesce(max(rules.title), newest.rule) as title, count(*) as alerts
        from newest left join rules on rules.tenant_id = ${tenantId} and rules.key = newest.rule group by newest.rule) as of_rule), '[]') as rules,
      coalesce((select jsonb_agg(jsonb_build_object('severity', severity, 'alerts', alerts) order by severity)
        from (select severity, count(*) as alerts from newest group by severity) as of_severity), '[]') as severities,
      coalesce((select jsonb_agg(jsonb_build_object('id', id, 'name', name, 'alerts', alerts) order by alerts desc, name) from (
        select users.id, users.name, count(*) as alerts from newest join users on users.id = newest.assignee_id
        group by users.id, users.name) as of_assignee), '[]') as assignees`.execute(database);
  return { counts: counts[0]!, ...rows[0]! };
}
