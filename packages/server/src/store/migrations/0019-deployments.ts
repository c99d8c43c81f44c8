/** Deployments, how far each house is, what happened there, and what software runs where. */
import { sql, type Kysely } from 'kysely';
import { protect } from './protect.ts';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

/** What a house counts as: one that was told and has not begun takes a place among those that download. */
const counted = (row: string): string =>
  `case when ${row}.state = 'pending' and ${row}.granted_at is not null then 'offered' else ${row}.state end`;

/** Changes of counts are appended, so that nobody waits for another's; whoever has the deployment adds them up. */
const note = (from: string): string => `
  insert into deployment_counts (deployment_id, tenant_id, phase, state, houses, wanted, downloaded, retried, reconnects)
    select deployment_id, tenant_id, phase, state, sum(houses), sum(wanted), sum(downloaded), sum(retried), sum(reconnects)
    from (${from}) as change group by 1, 2, 3, 4
    having sum(houses) <> 0 or sum(wanted) <> 0 or sum(downloaded) <> 0 or sum(retried) <> 0 or sum(reconnects) <> 0;`;

const values = (row: string, sign: '' | '-'): string =>
  `${row}.deployment_id, ${row}.tenant_id, coalesce(${row}.phase, -1) as phase, ${counted(row)} as state, ${sign}1 as houses,
    ${sign}coalesce(${row}.bytes, 0) as wanted, ${sign}${row}.downloaded as downloaded, ${sign}(${row}.attempt - 1) as retried,
    ${sign}${row}.reconnects as reconnects`;

const COUNT = `create function count_deployment_devices() returns trigger language plpgsql as $$ begin
  if tg_op = 'INSERT' then ${note(`select ${values('new_row', '')} from new_rows as new_row`)}
  elsif tg_op = 'UPDATE' then ${note(`select ${values('new_row', '')} from new_rows as new_row
    union all select ${values('old_row', '-')} from old_rows as old_row`)}
  else
    -- A house that is deleted in the middle of it counts as decommissioned; one that was through, as what it was.
    ${note(`select ${values('old_row', '-')} from old_rows as old_row
      where old_row.finished_at is null and exists (select from deployments where deployments.id = old_row.deployment_id)
    union all select deployment_id, tenant_id, coalesce(phase, -1), 'decommissioned', 1, 0, 0, 0, 0 from old_rows as old_row
      where old_row.finished_at is null and exists (select from deployments where deployments.id = old_row.deployment_id)`)}
  end if;
  return null;
end $$`;

const STATEMENTS = [
  `create table deployments (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    name text not null,
    artifact_name text not null,
    kind text not null,
    target jsonb not null,
    -- What whoever made it may reach: nobody joins from outside of it.
    scope jsonb not null,
    options jsonb not null,
    priority integer not null,
    state text not null,
    -- What it was before it was paused, and who did that.
    paused_state text,
    paused_by text,
    reason text not null default '',
    retry_of uuid references deployments on delete set null,
    -- Houses are collected in the order of their ids, up to this one; all are there since collected_at.
    collected_to uuid,
    collected_at timestamptz,
    collect_at timestamptz not null default now(),
    phase integer not null default 0,
    -- For each phase that has begun: when, and when its houses were through.
    phase_marks jsonb not null default '[]',
    -- A person has said that the next phase may begin.
    is_passed boolean not null default false,
    -- What the gates don't look at any more, as a person has said "go on".
    forgiven jsonb not null default '{"failed": 0, "through": 0, "reconnects": 0}',
    forgiven_at timestamptz,
    -- What the gates saw last, and when alerts and reconnects of the fleet were last looked for.
    figures jsonb not null default '[]',
    signs_at timestamptz,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    ended_at timestamptz,
    -- When a worker looks at it next.
    look_at timestamptz not null default now(),
    version integer not null default 1
  )`,
  `create index deployments_newest on deployments (tenant_id, created_at desc, id desc)`,
  `create index deployments_open on deployments (tenant_id, created_at desc, id desc) where ended_at is null`,
  `create index deployments_due on deployments (look_at) where ended_at is null`,
  `create index deployments_retry_of on deployments (retry_of) where retry_of is not null`,
  ...protect('deployments'),

  `create table deployment_devices (
    deployment_id uuid not null references deployments on delete cascade,
    device_id uuid not null references devices on delete cascade,
    tenant_id uuid not null references tenants on delete cascade,
    state text not null default 'pending',
    -- The order of turns, by chance; below 0 for those that try again.
    position integer not null default floor(random() * 2147483647),
    -- Null: it has not begun.
    phase smallint,
    attempt smallint not null default 1,
    -- It may have been deleted since: what was installed stays told.
    artifact_id uuid,
    bytes bigint,
    downloaded bigint not null default 0,
    percent smallint,
    substate text not null default '',
    waits text not null default '',
    cause_code text,
    cause_step text,
    cause_message text,
    -- Names the group of same failures.
    cause_key text,
    is_rolled_back boolean,
    reconnects integer not null default 0,
    -- Steps that this house waits before, and those that it was let past.
    pauses text[] not null default '{}',
    passed text[] not null default '{}',
    -- What the gateway was last told of these.
    told_pauses text[] not null default '{}',
    -- An abort that the gateway has not heard of yet.
    tells_abort boolean not null default false,
    -- Pending: when it may have its turn; null is now.
    ready_at timestamptz,
    -- Since when it has its turn; null: it has not begun, or it begins anew.
    granted_at timestamptz,
    sent_at timestamptz,
    sent_epoch bigint,
    sends smallint not null default 0,
    -- How long the download that it was told of is good.
    link_until timestamptz,
    -- The gateway's own time of its newest state.
    reported_ms bigint,
    events smallint not null default 0,
    heard_at timestamptz,
    began_at timestamptz,
    finished_at timestamptz,
    -- When a worker looks at it next; null: when something happens.
    look_at timestamptz,
    primary key (deployment_id, device_id)
  )`,
  `create index deployment_devices_ready on deployment_devices (deployment_id, position)
    where finished_at is null and granted_at is null and ready_at is null`,
  `create index deployment_devices_parked on deployment_devices (ready_at)
    where finished_at is null and granted_at is null and ready_at is not null`,
  `create unique index deployment_devices_one_active on deployment_devices (device_id)
    where finished_at is null and granted_at is not null`,
  // Those that were silent for long are found first.
  `create index deployment_devices_active on deployment_devices (deployment_id, heard_at)
    where finished_at is null and granted_at is not null`,
  `create index deployment_devices_due on deployment_devices (look_at) where look_at is not null`,
  // What is open of a device, and what was.
  `create index deployment_devices_device on deployment_devices (device_id, finished_at desc)`,
  `create index deployment_devices_state on deployment_devices (deployment_id, state, device_id)`,
  `create index deployment_devices_failed on deployment_devices (deployment_id, cause_key, device_id) where state = 'failure'`,
  ...protect('deployment_devices'),

  `create table deployment_counts (
    deployment_id uuid not null references deployments on delete cascade,
    tenant_id uuid not null references tenants on delete cascade,
    -- -1: of houses that have not begun.
    phase smallint not null,
    -- As of the houses, and 'offered'.
    state text not null,
    houses integer not null,
    wanted bigint not null,
    downloaded bigint not null,
    retried bigint not null,
    reconnects bigint not null
  )`,
  `create index deployment_counts_deployment on deployment_counts (deployment_id)`,
  ...protect('deployment_counts'),
  COUNT,
  ...(
    [
      ['insert', 'new table as new_rows'],
      ['update', 'old table as old_rows new table as new_rows'],
      ['delete', 'old table as old_rows'],
    ] as const
  ).map(
    ([operation, tables]) => `create trigger count_${operation} after ${operation} on deployment_devices
      referencing ${tables} for each statement execute function count_deployment_devices()`,
  ),

  // What happened, to one house or (device_id null) to the deployment.
  `create table deployment_events (
    id bigint generated always as identity primary key,
    deployment_id uuid not null references deployments on delete cascade,
    device_id uuid references devices on delete cascade,
    tenant_id uuid not null references tenants on delete cascade,
    attempt smallint not null default 1,
    kind text not null,
    state text,
    substate text not null default '',
    at timestamptz not null default clock_timestamp(),
    device_ms bigint,
    bytes bigint,
    by text,
    text text not null default '',
    cause jsonb
  )`,
  `create index deployment_events_device on deployment_events (deployment_id, device_id, id)`,
  `create unique index deployment_events_once on deployment_events (deployment_id, device_id, attempt, device_ms, state, substate)
    where device_ms is not null`,
  `create index deployment_events_old on deployment_events using brin (at)`,
  `create index deployment_events_of_device on deployment_events (device_id) where device_id is not null`,
  ...protect('deployment_events'),

  `create table deployment_logs (
    deployment_id uuid not null references deployments on delete cascade,
    device_id uuid not null references devices on delete cascade,
    attempt smallint not null,
    -- Of the gateway; in its order.
    message_id bigint not null,
    tenant_id uuid not null references tenants on delete cascade,
    lines jsonb not null,
    bytes integer not null,
    is_cut boolean not null default false,
    stored_at timestamptz not null default now(),
    primary key (deployment_id, device_id, attempt, message_id)
  )`,
  `create index deployment_logs_of_device on deployment_logs (device_id)`,
  `create index deployment_logs_old on deployment_logs using brin (stored_at)`,
  ...protect('deployment_logs'),

  `create table deployment_sensors (
    deployment_id uuid not null references deployments on delete cascade,
    device_id uuid not null references devices on delete cascade,
    sensor_id text not null,
    tenant_id uuid not null references tenants on delete cascade,
    state text not null,
    percent smallint,
    message text not null default '',
    -- Several workers store what a gateway says: the last it said is the one that counts.
    attempt int not null default 1,
    device_ms bigint not null default 0,
    told_at timestamptz not null default now(),
    primary key (deployment_id, device_id, sensor_id)
  )`,
  `create index deployment_sensors_of_device on deployment_sensors (device_id)`,
  ...protect('deployment_sensors'),

  `create table device_software (
    device_id uuid primary key references devices on delete cascade,
    tenant_id uuid not null references tenants on delete cascade,
    provides jsonb not null default '{}',
    -- Houses that provide the same are judged together.
    digest text generated always as (md5(provides::text)) stored,
    device_type text generated always as (provides ->> 'device_type') stored,
    artifact_name text generated always as (provides ->> 'artifact_name') stored,
    -- What its deployments brought.
    expected jsonb not null default '{}',
    drifts boolean generated always as (not provides @> expected) stored,
    deployment_id uuid references deployments on delete set null,
    -- Whether it takes offers over the live channel; others ask.
    is_live boolean not null default false,
    told_by text,
    told_at timestamptz,
    changed_at timestamptz,
    -- The message that told it, so that an older one that comes later changes nothing.
    message_id bigint not null default -1
  )`,
  `create index device_software_version on device_software (tenant_id, artifact_name, device_id)`,
  `create index device_software_digest on device_software (tenant_id, digest)`,
  `create index device_software_drifts on device_software (tenant_id, device_id) where drifts`,
  `create index device_software_deployment on device_software (deployment_id) where deployment_id is not null`,
  ...protect('device_software'),

  // Reconnects of whole fleets by the minute: what those of updated houses are compared with.
  `create table reconnects (
    tenant_id uuid not null references tenants on delete cascade,
    minute timestamptz not null,
    reconnects integer not null
  )`,
  `create index reconnects_minute on reconnects (tenant_id, minute)`,
  ...protect('reconnects'),
];
