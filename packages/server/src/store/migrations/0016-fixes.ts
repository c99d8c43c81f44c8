/** Fixes, what runs of them came to, rollouts over many houses, desired configuration, and the keys that sign commands. */
import { sql, type Kysely } from 'kysely';
import { protect } from './protect.ts';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  // System-wide, as the keys of tokens are. The public half and the vouch stay for ever: a gateway that was away for a year
  // follows them from the key it knows to the newest.
  `create table command_keys (
    id text primary key,
    public_key bytea not null,
    secret text not null,
    vouched_by text references command_keys,
    vouch bytea,
    created_at timestamptz not null default now(),
    used_from timestamptz not null default now(),
    retired_at timestamptz
  )`,
  `alter table command_keys enable row level security`,
  `alter table command_keys force row level security`,
  `create policy system on command_keys using ((select current_setting('lovely.tenant', true)) = 'system')`,

  `create table fixes (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    rule text not null,
    -- Names a built-in fix within its tenant.
    key text,
    title text not null,
    steps text[] not null,
    risk text not null,
    takes_ms integer,
    parameters jsonb not null,
    actions jsonb not null,
    check_ms integer not null,
    automatic jsonb not null,
    edited boolean not null default false,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`,
  `create unique index fixes_built_in on fixes (tenant_id, key) where key is not null`,
  `create index fixes_automatic on fixes (id) where (automatic ->> 'enabled')::boolean`,
  `create index fixes_rule on fixes (tenant_id, rule)`,
  ...protect('fixes'),

  `create table fix_stats (
    fix_id uuid not null references fixes on delete cascade,
    model text not null,
    tenant_id uuid not null references tenants on delete cascade,
    tried integer not null default 0,
    helped integer not null default 0,
    primary key (fix_id, model)
  )`,
  ...protect('fix_stats'),

  `create table fix_rollouts (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    fix_id uuid references fixes on delete set null,
    fix_title text not null,
    -- Of the fix as it was tried: one that is changed meanwhile stops the rollout.
    fix_version integer not null,
    rule text not null,
    target jsonb not null,
    parameters jsonb not null,
    state text not null,
    -- What it was before it was paused.
    paused_state text,
    reason text not null default '',
    phase integer not null default 0,
    -- Houses that have had their turn when each phase is over.
    phases jsonb not null,
    parallel_max integer not null,
    min_success float8 not null,
    -- Results that don't count against it any more, as a person has said "go on".
    forgiven jsonb not null default '{"tried": 0, "helped": 0}',
    started_by jsonb not null,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    ended_at timestamptz
  )`,
  `create index fix_rollouts_newest on fix_rollouts (tenant_id, created_at desc, id desc)`,
  `create index fix_rollouts_open on fix_rollouts (id) where state in ('trial', 'running')`,
  ...protect('fix_rollouts'),

  `create table fix_runs (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    fix_id uuid references fixes on delete set null,
    fix_title text not null,
    rule text not null,
    alert_id uuid not null references alerts on delete cascade,
    device_id uuid not null references devices on delete cascade,
    source text not null,
    model text not null,
    rollout_id uuid references fix_rollouts on delete set null,
    state text not null default 'waiting',
    reason text not null default '',
    code text,
    parameters jsonb not null,
    -- What runs, with every template filled in: a fix that is changed meanwhile changes nothing here.
    actions jsonb not null,
    check_ms integer not null,
    -- The action that is on, and what is known of it.
    step integer not null default 0,
    sends integer not null default 0,
    sent_at timestamptz,
    sent_epoch bigint,
    step_started_at timestamptz,
    done jsonb,
    configuration_version bigint,
    exit integer,
    output bytea not null default '',
    -- Where in it the action that is on begins.
    step_output_at integer not null default 0,
    cancel_requested_at timestamptz,
    started_by jsonb not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    started_at timestamptz,
    check_until timestamptz,
    ended_at timestamptz,
    -- When a worker looks at it next.
    look_at timestamptz not null default now()
  )`,
  `create index fix_runs_due on fix_runs (look_at) where ended_at is null`,
  `create unique index fix_runs_one_a_device on fix_runs (device_id) where state in ('running', 'checking')`,
  `create index fix_runs_open on fix_runs (device_id) where ended_at is null`,
  `create unique index fix_runs_one_an_alert on fix_runs (alert_id) where ended_at is null`,
  `create index fix_runs_newest on fix_runs (tenant_id, created_at desc, id desc)`,
  `create index fix_runs_device on fix_runs (device_id, created_at desc, id desc)`,
  `create index fix_runs_alert on fix_runs (alert_id, created_at desc, id desc)`,
  `create index fix_runs_rollout on fix_runs (rollout_id, created_at desc, id desc) where rollout_id is not null`,
  `create index fix_runs_fix on fix_runs (fix_id, created_at desc, id desc)`,
  ...protect('fix_runs'),

  `create table fix_rollout_houses (
    rollout_id uuid not null references fix_rollouts on delete cascade,
    -- The order of their turns; houses that are connected come first.
    position integer not null,
    tenant_id uuid not null references tenants on delete cascade,
    device_id uuid not null references devices on delete cascade,
    alert_id uuid not null references alerts on delete cascade,
    -- Null: its turn has not come, or it was skipped.
    run_id uuid references fix_runs on delete set null,
    skipped boolean not null default false,
    primary key (rollout_id, position)
  )`,
  `create index fix_rollout_houses_device on fix_rollout_houses (device_id)`,
  `create index fix_rollout_houses_alert on fix_rollout_houses (alert_id)`,
  `create index fix_rollout_houses_run on fix_rollout_houses (run_id) where run_id is not null`,
  ...protect('fix_rollout_houses'),

  `create table configurations (
    device_id uuid primary key references devices on delete cascade,
    tenant_id uuid not null references tenants on delete cascade,
    desired jsonb not null default '{}',
    version bigint not null default 0,
    desired_at timestamptz,
    desired_by text,
    reported jsonb not null default '{}',
    reported_version bigint not null default 0,
    reported_at timestamptz,
    -- The message that it was reported by, so that an older one that comes later changes nothing.
    reported_message bigint not null default -1,
    sent_at timestamptz,
    sent_epoch bigint
  )`,
  `create index configurations_behind on configurations (device_id) where version > reported_version`,
  ...protect('configurations'),
];
