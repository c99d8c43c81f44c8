/** Tenants, people, devices, presence, status, rules and alerts. */
import { sql, type Kysely } from 'kysely';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `create table tenants (
    id uuid primary key,
    name text not null unique,
    created_at timestamptz not null default now()
  )`,
  `create table users (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    email text not null,
    name text not null,
    password_hash text not null,
    permissions text[] not null,
    created_at timestamptz not null default now()
  )`,
  `create unique index users_email on users (lower(email))`,
  `create table logins (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    user_id uuid not null references users on delete cascade,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz
  )`,
  `create index logins_expires on logins (expires_at)`,
  `create table signing_keys (
    id text primary key,
    private_key text not null,
    created_at timestamptz not null default now()
  )`,
  `create table devices (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    identity jsonb not null,
    identity_hash bytea not null,
    status text not null,
    name text not null,
    address text not null default '',
    latitude float8,
    longitude float8,
    tags text[] not null default '{}',
    health text not null default 'unknown',
    client text,
    inventory jsonb not null default '{}',
    inventory_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (tenant_id, identity_hash)
  )`,
  `create index devices_newest on devices (tenant_id, created_at desc, id desc)`,
  `create index devices_status on devices (tenant_id, status, created_at desc, id desc)`,
  `create index devices_health on devices (tenant_id, health, created_at desc, id desc)`,
  `create table auth_sets (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    device_id uuid not null references devices on delete cascade,
    public_key text not null,
    key_type text not null,
    fingerprint text not null,
    status text not null,
    created_at timestamptz not null default now(),
    unique (device_id, fingerprint)
  )`,
  `create table revocations (
    auth_set_id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    device_id uuid not null,
    revoked_at timestamptz not null,
    expires_at timestamptz not null
  )`,
  `create table presence (
    device_id uuid primary key references devices on delete cascade,
    tenant_id uuid not null references tenants on delete cascade,
    hub_id text not null,
    epoch bigint not null,
    connected boolean not null,
    changed_at timestamptz not null,
    reason text
  )`,
  `create index presence_hub on presence (hub_id) where connected`,
  `create index presence_away on presence (changed_at) where not connected`,
  `create table hubs (
    id text primary key,
    lease_until timestamptz not null,
    started_at timestamptz not null default now()
  )`,
  // No foreign keys on what is written thousands of times a second; rows of a deleted device are deleted with it.
  `create table status_messages (
    device_id uuid not null,
    message_id bigint not null,
    tenant_id uuid not null,
    received_at timestamptz not null default now(),
    reports jsonb not null,
    primary key (device_id, message_id)
  )`,
  `create index status_messages_received on status_messages using brin (received_at)`,
  `create table status_values (
    device_id uuid not null,
    source text not null,
    metric text not null,
    tenant_id uuid not null,
    value jsonb not null,
    ts timestamptz not null,
    received_at timestamptz not null default now(),
    primary key (device_id, source, metric)
  ) with (fillfactor = 80)`,
  `create table rules (
    tenant_id uuid not null references tenants on delete cascade,
    key text not null,
    severity text not null,
    title text not null,
    description text not null,
    cause text not null,
    suggestion text[] not null,
    watch jsonb not null,
    enabled boolean not null default true,
    primary key (tenant_id, key)
  )`,
  `create table alerts (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    device_id uuid not null references devices on delete cascade,
    source text not null,
    rule text not null,
    severity text not null,
    description text not null,
    values jsonb not null,
    opened_at timestamptz not null,
    closed_at timestamptz,
    count integer not null default 1
  )`,
  `create unique index alerts_one_open on alerts (device_id, source, rule) where closed_at is null`,
  `create index alerts_newest on alerts (tenant_id, opened_at desc, id desc)`,
  `create index alerts_device on alerts (device_id, opened_at desc)`,
  `create table alert_messages (
    device_id uuid not null,
    message_id bigint not null,
    tenant_id uuid not null,
    received_at timestamptz not null default now(),
    primary key (device_id, message_id)
  )`,
  `create index alert_messages_received on alert_messages using brin (received_at)`,
];
