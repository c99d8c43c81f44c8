/** Join codes, certificate authorities of tenants, deleted tenants, and where devices connect from. */
import { sql, type Kysely } from 'kysely';
import { protect } from './protect.ts';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `create table join_codes (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    name text not null,
    code_hash bytea not null unique,
    expires_at timestamptz,
    uses integer not null default 0,
    uses_max integer,
    accept boolean not null,
    group_id uuid references groups on delete set null,
    tags text[] not null default '{}',
    created_at timestamptz not null default now()
  )`,
  `create index join_codes_newest on join_codes (tenant_id, created_at desc)`,
  `create index join_codes_group on join_codes (group_id) where group_id is not null`,
  // The join code that was last used for the key; of a deleted one the id stays, so there is no reference.
  `alter table auth_sets add join_code_id uuid`,
  // A gateway that doesn't say where it belongs is looked for in all tenants.
  `create index devices_identity on devices (identity_hash)`,
  `create table certificate_authorities (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    name text not null,
    certificate text not null,
    fingerprint text not null,
    subject text not null,
    subject_hash bytea not null,
    not_before timestamptz not null,
    not_after timestamptz not null,
    created_at timestamptz not null default now(),
    unique (tenant_id, fingerprint)
  )`,
  `create index certificate_authorities_subject on certificate_authorities (subject_hash)`,
  // Places that a connection of the device came from, newest first, and how often one came back after another.
  `alter table presence
    add origins text[] not null default '{}',
    add returns integer not null default 0,
    add returned_at timestamptz`,
  ...['join_codes', 'certificate_authorities'].flatMap(protect),
  // System-wide: the tokens of a tenant's devices are void although nothing of the tenant is left.
  `create table deleted_tenants (
    tenant_id uuid primary key,
    expires_at timestamptz not null
  )`,
  `alter table deleted_tenants enable row level security`,
  `alter table deleted_tenants force row level security`,
  `create policy system on deleted_tenants using ((select current_setting('lovely.tenant', true)) = 'system')`,
];
