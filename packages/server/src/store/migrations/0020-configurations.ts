/** Configuration with groups, schemas, history, and houses that go back by themselves. */
import { sql, type Kysely } from 'kysely';
import { protect } from './protect.ts';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

/** Houses that may have come into a group that sets something, or left one. */
const MARK = (rows: string): string => `insert into configuration_marks (device_id, tenant_id)
  select distinct device_id, tenant_id from ${rows} as marked(device_id, tenant_id) order by 1
  -- Not "do nothing": the row is then locked until this change is committed, so that nobody looks before that and forgets it.
  on conflict (device_id) do update set marked_at = now()`;

/** Houses of a tenant with a filter that sets something. */
const HAS_FILTERS = (tenant: string): string => `exists (select from configuration_groups
  join groups on groups.id = configuration_groups.group_id
  where configuration_groups.tenant_id = ${tenant} and groups.kind = 'dynamic')`;

const STATEMENTS = [
  `drop index configurations_behind`,
  // desired is what comes of the house's own values and those of its groups; origins has, by key, the group or null for the
  // house, and since when in milliseconds since 1970.
  `alter table configurations
    add own jsonb not null default '{}',
    add own_version bigint not null default 0,
    add origins jsonb not null default '{}',
    add group_ids uuid[] not null default '{}',
    add oversized boolean not null default false,
    add confirm_ms integer,
    add confirming boolean not null default false,
    add problems jsonb not null default '[]',
    add reported_since jsonb not null default '{}',
    add reverted_version bigint not null default 0,
    add reverted_reason text,
    add reverted_problems jsonb not null default '[]',
    add reverted_at timestamptz`,
  `update configurations set own = desired, own_version = version, origins = coalesce((
    select jsonb_object_agg(key, jsonb_build_array(null, floor(extract(epoch from coalesce(desired_at, now())) * 1000)))
    from jsonb_object_keys(desired) as key), '{}')`,
  `alter table configurations add state text not null generated always as (case
    when oversized then 'failed'
    when version = 0 then 'none'
    when reverted_version >= version then 'reverted'
    when reported_version < version then 'waiting'
    when problems <> '[]' then 'failed'
    when confirming then 'confirming'
    when desired <> reported then 'differs'
    else 'current' end) stored`,
  `create index configurations_behind on configurations (device_id)
    where version > reported_version and version > reverted_version`,
  `create index configurations_state on configurations (tenant_id, state, desired_at, device_id)`,
  `create index configurations_groups on configurations using gin (group_ids)`,

  `create table configuration_groups (
    group_id uuid primary key references groups on delete cascade,
    tenant_id uuid not null references tenants on delete cascade,
    values jsonb not null,
    priority integer not null,
    version bigint not null,
    updated_at timestamptz not null default now(),
    updated_by text
  )`,
  `create index configuration_groups_tenant on configuration_groups (tenant_id)`,
  ...protect('configuration_groups'),

  // What was set for a house alone, or by a group.
  `create table configuration_versions (
    id bigint primary key generated always as identity,
    tenant_id uuid not null references tenants on delete cascade,
    device_id uuid references devices on delete cascade,
    group_id uuid references groups on delete cascade,
    version bigint not null,
    values jsonb not null,
    priority integer,
    note text not null,
    created_at timestamptz not null default now(),
    created_by text,
    check ((device_id is null) <> (group_id is null))
  )`,
  `create unique index configuration_versions_device on configuration_versions (device_id, version) where device_id is not null`,
  `create unique index configuration_versions_group on configuration_versions (group_id, version) where group_id is not null`,
  ...protect('configuration_versions'),
  `insert into configuration_versions (tenant_id, device_id, version, values, note, created_at, created_by)
    select tenant_id, device_id, own_version, own, '', coalesce(desired_at, now()), desired_by
    from configurations where own_version > 0`,

  // A change of a group that workers bring to its houses, by their ids; group_id without a reference, as the group may be gone.
  `create table configuration_jobs (
    id bigint primary key generated always as identity,
    tenant_id uuid not null references tenants on delete cascade,
    group_id uuid not null,
    created_by text,
    confirm_ms integer,
    after_id uuid not null default '00000000-0000-0000-0000-000000000000',
    done integer not null default 0,
    total integer,
    changed integer not null default 0,
    look_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    ended_at timestamptz
  )`,
  `create index configuration_jobs_open on configuration_jobs (look_at) where ended_at is null`,
  `create index configuration_jobs_group on configuration_jobs (group_id)`,
  ...protect('configuration_jobs'),

  `create table configuration_marks (
    device_id uuid primary key references devices on delete cascade,
    tenant_id uuid not null references tenants on delete cascade,
    marked_at timestamptz not null default now()
  )`,
  `create index configuration_marks_oldest on configuration_marks (marked_at)`,
  ...protect('configuration_marks'),

  `create function configuration_group_devices_changed() returns trigger language plpgsql as $$ begin
    if exists (select from moved join configuration_groups on configuration_groups.group_id = moved.group_id)
      or ${HAS_FILTERS('(select tenant_id from moved limit 1)')} then
      -- Where a house or its whole tenant is being deleted there is nothing to look at any more.
      ${MARK(`(select moved.device_id, moved.tenant_id from moved
        join devices on devices.id = moved.device_id join tenants on tenants.id = moved.tenant_id)`)};
    end if;
    return null;
  end $$`,
  `create trigger configuration_group_devices_added after insert on group_devices
    referencing new table as moved for each statement execute function configuration_group_devices_changed()`,
  `create trigger configuration_group_devices_removed after delete on group_devices
    referencing old table as moved for each statement execute function configuration_group_devices_changed()`,

  `create function configuration_device_changed() returns trigger language plpgsql as $$ begin
    if ${HAS_FILTERS('new.tenant_id')} then
      ${MARK('(values (new.id, new.tenant_id))')};
    end if;
    return null;
  end $$`,
  `create trigger configuration_device_made after insert on devices
    for each row execute function configuration_device_changed()`,
  `create trigger configuration_device_changed after update of identity, status, name, address, tags, health, inventory on devices
    for each row when ((old.health, old.status, old.name, old.address, old.tags, old.identity, old.inventory)
      is distinct from (new.health, new.status, new.name, new.address, new.tags, new.identity, new.inventory))
    execute function configuration_device_changed()`,

  // A group that is called something else may win or lose, one with another filter has other houses, one that is gone has none.
  `create function configuration_group_changed() returns trigger language plpgsql as $$ begin
    if exists (select from configuration_groups where group_id = old.id) then
      insert into configuration_jobs (tenant_id, group_id) values (old.tenant_id, old.id);
    end if;
    return null;
  end $$`,
  `create trigger configuration_group_changed after update of name, filter on groups
    for each row when ((old.name, old.filter) is distinct from (new.name, new.filter))
    execute function configuration_group_changed()`,
  `create function configuration_group_deleted() returns trigger language plpgsql as $$ begin
    if exists (select from tenants where id = old.tenant_id) then
      insert into configuration_jobs (tenant_id, group_id) values (old.tenant_id, old.group_id);
    end if;
    return null;
  end $$`,
  `create trigger configuration_group_deleted after delete on configuration_groups
    for each row execute function configuration_group_deleted()`,

  // A built-in schema has a row once somebody changed it; a null schema is one that was made as it came.
  `create table configuration_schemas (
    tenant_id uuid not null references tenants on delete cascade,
    key text not null,
    schema jsonb,
    version integer not null default 1,
    updated_at timestamptz not null default now(),
    updated_by text,
    primary key (tenant_id, key)
  )`,
  ...protect('configuration_schemas'),
  `create table configuration_schema_versions (
    tenant_id uuid not null,
    key text not null,
    version integer not null,
    schema jsonb not null,
    created_at timestamptz not null default now(),
    created_by text,
    primary key (tenant_id, key, version),
    foreign key (tenant_id, key) references configuration_schemas on delete cascade
  )`,
  ...protect('configuration_schema_versions'),
];
