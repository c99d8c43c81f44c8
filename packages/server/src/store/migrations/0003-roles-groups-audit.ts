/** Roles and grants instead of permissions of users, groups of devices, the audit log, and what a tenant has set. */
import { sql, type Kysely } from 'kysely';
import { protect } from './protect.ts';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `alter table tenants
    add limits jsonb not null default '{}',
    add settings jsonb not null default '{}',
    add version integer not null default 1`,
  `create table roles (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    name text not null,
    description text not null default '',
    permissions text[] not null,
    version integer not null default 1,
    created_at timestamptz not null default now()
  )`,
  `create unique index roles_name on roles (tenant_id, lower(name))`,
  // A role is a built-in one or the id of a row in roles; no groups means all devices.
  `create table grants (
    user_id uuid not null references users on delete cascade,
    role_id text not null,
    tenant_id uuid not null references tenants on delete cascade,
    group_ids uuid[],
    primary key (user_id, role_id)
  )`,
  `create index grants_role on grants (tenant_id, role_id)`,
  `insert into grants (user_id, role_id, tenant_id)
    select id, case when 'system.admin' = any(permissions) then 'system-administrator' else 'viewer' end, tenant_id from users`,
  `alter table users drop permissions`,
  `create table groups (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    name text not null,
    description text not null default '',
    kind text not null,
    filter jsonb,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    check ((kind = 'static' and filter is null) or (kind = 'dynamic' and filter is not null))
  )`,
  `create unique index groups_name on groups (tenant_id, lower(name))`,
  `create table group_devices (
    group_id uuid not null references groups on delete cascade,
    device_id uuid not null references devices on delete cascade,
    tenant_id uuid not null references tenants on delete cascade,
    primary key (group_id, device_id)
  )`,
  `create index group_devices_device on group_devices (device_id)`,
  `create table audit_entries (
    tenant_id uuid not null references tenants on delete cascade,
    position bigint not null,
    id uuid not null,
    at timestamptz(3) not null,
    actor jsonb not null,
    action text not null,
    object jsonb not null,
    result text not null,
    address text not null,
    change jsonb,
    details jsonb not null default '{}',
    hash bytea not null,
    primary key (tenant_id, position)
  )`,
  `create index audit_entries_at on audit_entries (tenant_id, at desc, position desc)`,
  `create index audit_entries_actor on audit_entries (tenant_id, (actor->>'id'), position desc)`,
  `create index audit_entries_object on audit_entries (tenant_id, (object->>'id'), position desc)`,
  `create index audit_entries_action on audit_entries (tenant_id, action, position desc)`,
  // The end of each tenant's chain, and the hash before the first entry that is still kept.
  `create table audit_heads (
    tenant_id uuid primary key references tenants on delete cascade,
    position bigint not null,
    hash bytea not null,
    first_position bigint not null,
    hash_before_first bytea not null
  )`,
  `create function audit_entries_stay() returns trigger language plpgsql as $$ begin
    if tg_op = 'DELETE' and current_setting('lovely.tenant', true) = 'system' then return old; end if;
    raise exception 'audit entries are only ever added';
  end $$`,
  `create trigger audit_entries_stay before update or delete on audit_entries
    for each row execute function audit_entries_stay()`,
  `create trigger audit_entries_stay_all before truncate on audit_entries
    for each statement execute function audit_entries_stay()`,
  ...['roles', 'grants', 'groups', 'group_devices', 'audit_entries', 'audit_heads'].flatMap(protect),
];
