/**
 * Who is told of alerts. A trigger notes in the transaction of the change which alerts opened, closed or became worse: one
 * row a statement, so that an outage costs the writers of alerts next to nothing. Workers read the notes, put alerts into
 * bundles, plan messages and send them (docs/decisions/0017-notifications-in-stages.md).
 */
import { sql, type Kysely } from 'kysely';
import { protect } from './protect.ts';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const NOBODY_LISTENS = `not exists (select from notification_policies where enabled) and not exists (select from subscriptions where enabled)`;

/** Notes the ids of `from`, tenant by tenant, where anybody of the tenant is told anything. */
const noteChanges = (
  name: string,
  from: string,
): string => `create function ${name}() returns trigger language plpgsql as $$ begin
    if ${NOBODY_LISTENS} then return null; end if;
    insert into notification_changes (tenant_id, alert_ids)
    select alert.tenant_id, array_agg(alert.id) from ${from} group by alert.tenant_id
    having exists (select from notification_policies where tenant_id = alert.tenant_id and enabled)
      or exists (select from subscriptions where tenant_id = alert.tenant_id and enabled);
    return null;
  end $$`;

const STATEMENTS = [
  `create table notification_policies (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    name text not null,
    enabled boolean not null,
    position integer not null,
    match jsonb not null,
    recipients jsonb not null,
    escalation jsonb not null,
    delay_seconds integer not null,
    bundle_minutes integer not null,
    repeat_minutes integer,
    quiet_hours jsonb,
    tells_resolved boolean not null,
    is_last boolean not null,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  `create index notification_policies_order on notification_policies (tenant_id, position)`,
  `create table subscriptions (
    user_id uuid primary key references users on delete cascade,
    tenant_id uuid not null references tenants on delete cascade,
    enabled boolean not null default false,
    match jsonb not null default '{"severities": [], "rules": [], "groupIds": [], "sensorKinds": []}',
    quiet_hours jsonb,
    tells_resolved boolean not null default true,
    version integer not null default 1
  )`,
  `create index subscriptions_tenant on subscriptions (tenant_id) where enabled`,
  // Where mail went, with the code of the link by which it stops; of people it ends their subscription.
  `create table notification_addresses (
    tenant_id uuid not null references tenants on delete cascade,
    address text not null,
    code text not null unique,
    user_id uuid references users on delete cascade,
    stopped_at timestamptz,
    primary key (tenant_id, address)
  )`,
  `create index notification_addresses_user on notification_addresses (user_id) where user_id is not null`,
  `create table notification_changes (
    id bigint generated always as identity primary key,
    tenant_id uuid not null references tenants on delete cascade,
    alert_ids uuid[] not null
  )`,
  `create index notification_changes_tenant on notification_changes (tenant_id, id)`,
  // Alerts that one policy, or all subscriptions together, tell of as one thing.
  `create table notification_bundles (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    -- Null for the subscriptions, and where the policy is gone.
    policy_id uuid references notification_policies on delete set null,
    is_subscription boolean not null,
    -- 'incident <id>', 'rule <key>' or 'alert <id>'.
    key text not null,
    rule text not null,
    is_critical boolean not null default false,
    opened_at timestamptz not null,
    -- Until when alerts join; null: as long as it is open.
    accepts_until timestamptz,
    told_at timestamptz,
    last_told_at timestamptz,
    reminded_at timestamptz,
    green_at timestamptz,
    -- Steps of escalation that were taken, and messages that were planned.
    step integer not null default 0,
    messages integer not null default 0,
    planned_at timestamptz,
    next_at timestamptz,
    closed_at timestamptz
  )`,
  `create index notification_bundles_open on notification_bundles (tenant_id, policy_id, key) where closed_at is null`,
  `create index notification_bundles_due on notification_bundles (next_at) where closed_at is null`,
  `create index notification_bundles_closed on notification_bundles (closed_at) where closed_at is not null`,
  `create index notification_bundles_policy on notification_bundles (policy_id) where policy_id is not null`,
  `create table notification_bundle_alerts (
    bundle_id uuid not null references notification_bundles on delete cascade,
    alert_id uuid not null references alerts on delete cascade,
    tenant_id uuid not null references tenants on delete cascade,
    added_at timestamptz not null,
    primary key (bundle_id, alert_id)
  )`,
  `create index notification_bundle_alerts_alert on notification_bundle_alerts (alert_id)`,
  // The queue of mail, rendered: every try sends the same bytes.
  `create table mails (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    address text not null,
    subject text not null,
    text text not null,
    html text not null,
    message_id text not null,
    thread_ids text[] not null default '{}',
    unsubscribe_url text,
    state text not null default 'waiting',
    attempts integer not null default 0,
    next_attempt_at timestamptz,
    error text,
    created_at timestamptz not null,
    sent_at timestamptz
  )`,
  `create index mails_due on mails (next_attempt_at) where state = 'waiting'`,
  `create index mails_address on mails (tenant_id, address, created_at desc)`,
  `create index mails_old on mails (created_at)`,
  `create table notifications (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    bundle_id uuid references notification_bundles on delete cascade,
    -- Which message of the bundle: what is planned twice is there once.
    number integer not null,
    kind text not null,
    policy_id uuid references notification_policies on delete set null,
    policy_name text,
    -- 'user <id>', 'email <address>' or 'webhook <id>'.
    recipient_key text not null,
    recipient text not null,
    user_id uuid references users on delete cascade,
    webhook_id uuid references webhooks on delete set null,
    address text,
    channel text not null,
    subject text not null default '',
    alerts integer not null default 0,
    state text not null default 'waiting',
    reason text,
    mail_id uuid references mails on delete set null,
    delivery_id uuid,
    due_at timestamptz not null,
    told_at timestamptz,
    created_at timestamptz not null,
    unique (bundle_id, number, recipient_key)
  )`,
  `create index notifications_due on notifications (due_at) where state = 'waiting'`,
  `create index notifications_newest on notifications (tenant_id, created_at desc, id desc)`,
  `create index notifications_told on notifications (recipient_key, bundle_id) where told_at is not null`,
  `create index notifications_mail on notifications (mail_id) where mail_id is not null`,
  `create index notifications_policy on notifications (policy_id) where policy_id is not null`,
  `create index notifications_user on notifications (user_id) where user_id is not null`,
  `create index notifications_webhook on notifications (webhook_id) where webhook_id is not null`,
  ...[
    'notification_policies',
    'subscriptions',
    'notification_addresses',
    'notification_changes',
    'notification_bundles',
    'notification_bundle_alerts',
    'mails',
    'notifications',
  ].flatMap(protect),

  noteChanges('notifications_alerts_insert', 'changed as alert'),
  `create trigger notifications_alerts_insert after insert on alerts referencing new table as changed
    for each statement execute function notifications_alerts_insert()`,
  noteChanges(
    'notifications_alerts_update',
    `changed as alert join before on before.id = alert.id
      and ((before.closed_at is null) <> (alert.closed_at is null) or before.severity <> 'critical' and alert.severity = 'critical')`,
  ),
  `create trigger notifications_alerts_update after update on alerts referencing old table as before new table as changed
    for each statement execute function notifications_alerts_update()`,
];
