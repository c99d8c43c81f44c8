/**
 * Webhooks and their deliveries. Triggers write the deliveries in the very transaction that changes a row, whichever code
 * changes it: what is committed is told, and what is rolled back is not (docs/decisions/0010-webhooks-by-trigger.md).
 * They run once a statement and look first whether anybody listens, so that others pay an index look-up.
 */
import { sql, type Kysely } from 'kysely';
import { protect } from './protect.ts';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const DEVICE = `jsonb_build_object('id', device.id, 'name', device.name, 'address', device.address)`;

const WHOLE_DEVICE = `${DEVICE} || jsonb_build_object('tags', device.tags, 'status', device.status, 'health', device.health,
  'location', case when device.latitude is not null
    then jsonb_build_object('latitude', device.latitude, 'longitude', device.longitude) end)`;

const ALERT = `jsonb_build_object('device', ${DEVICE}, 'alert', jsonb_build_object('id', alert.id, 'source', alert.source,
  'rule', alert.rule, 'severity', alert.severity, 'title', coalesce(rules.title, alert.rule),
  'description', alert.description, 'cause', coalesce(rules.cause, ''),
  'suggestion', coalesce(rules.suggestion, '{}'), 'values', alert.values, 'openedAt', webhook_time(alert.opened_at),
  'closedAt', webhook_time(alert.closed_at), 'count', alert.count))`;

const ALERT_JOINS = `join devices as device on device.id = alert.device_id
  left join rules on rules.tenant_id = alert.tenant_id and rules.key = alert.rule`;

const PRESENCE = `jsonb_build_object('device', ${DEVICE}, 'at', webhook_time(presence.changed_at), 'reason', presence.reason)`;

const USER = `jsonb_build_object('user', jsonb_build_object('id', person.id, 'email', person.email, 'name', person.name,
  'enabled', person.disabled_at is null))`;

const AUDIT = `jsonb_build_object('entry', jsonb_build_object('id', entry.id, 'at', webhook_time(entry.at),
  'actor', entry.actor, 'action', entry.action, 'object', entry.object, 'result', entry.result, 'address', entry.address,
  'change', entry.change, 'details', entry.details))`;

/** One event of a statement: rows of `changed` (and `before`), as `from` joins them, become deliveries. */
interface Emission {
  readonly event: string;
  /** The row that names the tenant. */
  readonly row: string;
  readonly from: string;
  readonly data: string;
}

function trigger(table: string, operation: 'insert' | 'update' | 'delete', emissions: readonly Emission[]): string[] {
  const name = `webhooks_${table}_${operation}`;
  const events = emissions.map(({ event }) => `'${event}'`).join(', ');
  const rows = {
    insert: 'new table as changed',
    update: 'old table as before new table as changed',
    delete: 'old table as changed',
  }[operation];
  const statements = emissions.map(
    ({ event, row, from, data }) => `insert into webhook_deliveries (tenant_id, webhook_id, event, payload)
      select listener.tenant_id, listener.id, listener.event, webhook_payload(listener.event, ${data})
      from ${from} join webhook_listeners as listener on listener.tenant_id = ${row}.tenant_id and listener.event = '${event}';`,
  );
  return [
    `create function ${name}() returns trigger language plpgsql as $$ begin
      if not exists (select from webhook_listeners where event in (${events})) then return null; end if;
      ${statements.join('\n')}
      return null;
    end $$`,
    `create trigger ${name} after ${operation} on ${table} referencing ${rows}
      for each statement execute function ${name}()`,
  ];
}

const STATEMENTS = [
  `create table webhooks (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    name text not null,
    url text not null,
    events text[] not null,
    enabled boolean not null,
    disabled_reason text,
    secret text not null,
    old_secret text,
    old_secret_until timestamptz,
    failures integer not null default 0,
    failing_since timestamptz,
    paused_until timestamptz,
    delivered_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  `create index webhooks_tenant on webhooks (tenant_id, created_at, id)`,
  `create table webhook_deliveries (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references tenants on delete cascade,
    webhook_id uuid not null references webhooks on delete cascade,
    event text not null,
    -- Text and not jsonb: every try sends and signs the same bytes.
    payload text not null,
    state text not null default 'waiting',
    attempts integer not null default 0,
    -- Where the time for tries begins; a replay begins anew.
    tries_from timestamptz not null default now(),
    next_attempt_at timestamptz default now(),
    attempted_at timestamptz,
    status integer,
    error text,
    duration_ms integer,
    response_excerpt text,
    created_at timestamptz not null default now()
  )`,
  `create index webhook_deliveries_due on webhook_deliveries (webhook_id, next_attempt_at) where state = 'waiting'`,
  `create index webhook_deliveries_newest on webhook_deliveries (webhook_id, created_at desc, id desc)`,
  `create index webhook_deliveries_old on webhook_deliveries (created_at)`,
  ...['webhooks', 'webhook_deliveries'].flatMap(protect),

  // Who listens for what. A tenant that is being deleted is told nothing any more: its deliveries would outlive it.
  `create view webhook_listeners with (security_invoker = true) as
    select webhooks.id, webhooks.tenant_id, event from webhooks
    join tenants on tenants.id = webhooks.tenant_id cross join unnest(webhooks.events) as event where webhooks.enabled`,
  `create function webhook_time(at timestamptz) returns text language sql stable as $$
    select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$`,
  `create function webhook_payload(type text, data jsonb) returns text language sql stable as $$
    select jsonb_build_object('type', type, 'timestamp', webhook_time(clock_timestamp()), 'data', data)::text $$`,

  ...trigger('alerts', 'insert', [
    { event: 'alert.opened', row: 'alert', from: `changed as alert ${ALERT_JOINS}`, data: ALERT },
    {
      event: 'alert.closed',
      row: 'alert',
      from: `(select * from changed where closed_at is not null) as alert ${ALERT_JOINS}`,
      data: ALERT,
    },
  ]),
  ...trigger('alerts', 'update', [
    {
      event: 'alert.closed',
      row: 'alert',
      from: `changed as alert join before on before.id = alert.id and before.closed_at is null and alert.closed_at is not null
        ${ALERT_JOINS}`,
      data: ALERT,
    },
  ]),
  ...trigger('devices', 'insert', [
    {
      event: 'device.created',
      row: 'device',
      from: 'changed as device',
      data: `jsonb_build_object('device', ${WHOLE_DEVICE})`,
    },
    {
      event: 'device.accepted',
      row: 'device',
      from: `(select * from changed where status = 'accepted') as device`,
      data: `jsonb_build_object('device', ${WHOLE_DEVICE})`,
    },
  ]),
  ...trigger('devices', 'update', [
    {
      event: 'device.accepted',
      row: 'device',
      from: `changed as device join before on before.id = device.id and before.status <> 'accepted' and device.status = 'accepted'`,
      data: `jsonb_build_object('device', ${WHOLE_DEVICE})`,
    },
    {
      event: 'device.updated',
      row: 'device',
      from: `changed as device join before on before.id = device.id
        and (before.name, before.address, before.latitude, before.longitude, before.tags, before.status)
        is distinct from (device.name, device.address, device.latitude, device.longitude, device.tags, device.status)`,
      data: `jsonb_build_object('device', ${WHOLE_DEVICE})`,
    },
  ]),
  ...trigger('devices', 'delete', [
    {
      event: 'device.deleted',
      row: 'device',
      from: 'changed as device',
      data: `jsonb_build_object('device', ${WHOLE_DEVICE})`,
    },
  ]),
  ...trigger('presence', 'insert', [
    {
      event: 'device.connected',
      row: 'presence',
      from: `(select * from changed where connected) as presence join devices as device on device.id = presence.device_id`,
      data: PRESENCE,
    },
  ]),
  ...trigger(
    'presence',
    'update',
    (['connected', 'disconnected'] as const).map((state) => ({
      event: `device.${state}`,
      row: 'presence',
      from: `changed as presence join before on before.device_id = presence.device_id
        and presence.connected = ${state === 'connected'} and before.connected <> presence.connected
        join devices as device on device.id = presence.device_id`,
      data: PRESENCE,
    })),
  ),
  ...trigger('users', 'insert', [{ event: 'user.created', row: 'person', from: 'changed as person', data: USER }]),
  ...trigger('users', 'update', [
    {
      event: 'user.updated',
      row: 'person',
      from: `changed as person join before on before.id = person.id and (before.name, before.email, before.disabled_at is null)
        is distinct from (person.name, person.email, person.disabled_at is null)`,
      data: USER,
    },
  ]),
  ...trigger('users', 'delete', [{ event: 'user.deleted', row: 'person', from: 'changed as person', data: USER }]),
  ...trigger('audit_entries', 'insert', [
    { event: 'audit.created', row: 'entry', from: 'changed as entry', data: AUDIT },
  ]),
];
