/**
 * What people do about alerts, what happened to each, and incidents: the same problem of many houses. Lists are read from
 * an index whatever they are filtered by, so an alert's state is a column that PostgreSQL keeps by itself.
 */
import { sql, type Kysely } from 'kysely';
import { protect } from './protect.ts';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATE = `text not null generated always as (case
    when closed_at is not null then 'closed'
    when snoozed_until is not null then 'snoozed'
    when acknowledged_at is not null then 'acknowledged'
    else 'open' end) stored`;

/** A webhook event when alerts that were closed are open again, as 0009-webhooks.ts makes the others. */
const REOPENED = `create function webhooks_alerts_reopened() returns trigger language plpgsql as $$ begin
    if not exists (select from webhook_listeners where event = 'alert.reopened') then return null; end if;
    insert into webhook_deliveries (tenant_id, webhook_id, event, payload)
    select listener.tenant_id, listener.id, listener.event, webhook_payload(listener.event, jsonb_build_object(
      'device', jsonb_build_object('id', device.id, 'name', device.name, 'address', device.address),
      'alert', jsonb_build_object('id', alert.id, 'source', alert.source, 'rule', alert.rule, 'severity', alert.severity,
        'title', coalesce(rules.title, alert.rule), 'description', alert.description, 'cause', coalesce(rules.cause, ''),
        'suggestion', coalesce(rules.suggestion, '{}'), 'values', alert.values, 'openedAt', webhook_time(alert.opened_at),
        'closedAt', null, 'count', alert.count)))
    from changed as alert
      join before on before.id = alert.id and before.closed_at is not null and alert.closed_at is null
      join devices as device on device.id = alert.device_id
      left join rules on rules.tenant_id = alert.tenant_id and rules.key = alert.rule
      join webhook_listeners as listener on listener.tenant_id = alert.tenant_id and listener.event = 'alert.reopened';
    return null;
  end $$`;

const STATEMENTS = [
  `create table incidents (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants on delete cascade,
    rule text not null,
    kind text not null,
    severity text not null,
    -- What its houses have in common where that is what makes it one: {attribute, value}.
    trait jsonb,
    -- As "around Milan"; the middle of its houses, and how far from it most are.
    place text not null default '',
    latitude float8,
    longitude float8,
    radius_km float8,
    traits jsonb not null default '[]',
    houses integer not null default 0,
    houses_max integer not null default 0,
    houses_last_hour integer not null default 0,
    alerts integer not null default 0,
    active_alerts integer not null default 0,
    first_at timestamptz not null default now(),
    last_at timestamptz not null default now(),
    acknowledged_at timestamptz,
    acknowledged_by uuid,
    assignee_id uuid references users on delete set null,
    snoozed_until timestamptz,
    closed_at timestamptz,
    state ${STATE},
    -- The incident that took in all of this one, which is in no list any more.
    merged_into uuid references incidents on delete cascade,
    created_at timestamptz not null default now()
  )`,
  `create index incidents_newest on incidents (tenant_id, created_at desc, id desc) where merged_into is null`,
  `create index incidents_state on incidents (tenant_id, state, created_at desc, id desc) where merged_into is null`,
  `create index incidents_active on incidents (tenant_id, rule) where closed_at is null`,
  `create index incidents_closed on incidents (closed_at) where closed_at is not null`,
  `create index incidents_assignee on incidents (assignee_id) where assignee_id is not null`,
  `create index incidents_snoozed on incidents (snoozed_until) where snoozed_until is not null`,
  `create index incidents_merged on incidents (merged_into) where merged_into is not null`,
  ...protect('incidents'),

  `alter table alerts
    add acknowledged_at timestamptz,
    add acknowledged_by uuid,
    add assignee_id uuid references users on delete set null,
    add snoozed_until timestamptz,
    add closed_by text,
    add closed_by_user uuid,
    add close_reason text,
    add reopened integer not null default 0,
    add last_raised_at timestamptz not null default now(),
    -- When the server saw it opened or reopened: gateways' clocks may be wrong.
    add active_since timestamptz not null default now(),
    add incident_id uuid references incidents on delete set null,
    add comments integer not null default 0,
    add state ${STATE}`,
  `update alerts set last_raised_at = opened_at, active_since = opened_at,
    closed_by = case when closed_at is null then null when rule in ('gateway-offline', 'device-cloned') then 'server' else 'device' end`,
  `create index alerts_state on alerts (tenant_id, state, opened_at desc, id desc)`,
  `create index alerts_rule_active on alerts (tenant_id, rule, opened_at desc, id desc) where closed_at is null`,
  `create index alerts_severity_active on alerts (tenant_id, severity, opened_at desc, id desc) where closed_at is null`,
  `create index alerts_assignee on alerts (assignee_id, opened_at desc, id desc) where assignee_id is not null`,
  `create index alerts_incident on alerts (incident_id, opened_at desc, id desc) where incident_id is not null`,
  `create index alerts_snoozed on alerts (snoozed_until) where snoozed_until is not null`,
  `create index alerts_loose on alerts (tenant_id, rule, active_since) where closed_at is null and incident_id is null`,
  `create index alerts_ended on alerts (device_id, source, rule, closed_at desc) where closed_at is not null`,
  `create index alerts_opened on alerts using brin (opened_at)`,

  `create table alert_events (
    id bigint generated always as identity primary key,
    tenant_id uuid not null references tenants on delete cascade,
    alert_id uuid not null references alerts on delete cascade,
    at timestamptz not null default now(),
    kind text not null,
    actor_id uuid,
    actor_name text,
    text text not null default '',
    details jsonb not null default '{}'
  )`,
  `create index alert_events_alert on alert_events (alert_id, id desc)`,
  ...protect('alert_events'),

  // Squares of a tenth of a degree, so that houses near each other are found and counted by an index.
  `alter table devices add cell integer generated always as (
    floor((latitude + 90) * 10)::integer * 3600 + floor((longitude + 180) * 10)::integer) stored`,
  `create index devices_cell on devices (tenant_id, cell) where status = 'accepted'`,
  // The network that the house is connected by: the first half of its address, which belongs to one provider mostly.
  `alter table presence add network text`,

  REOPENED,
  `create trigger webhooks_alerts_reopened after update on alerts referencing old table as before new table as changed
    for each statement execute function webhooks_alerts_reopened()`,
];
