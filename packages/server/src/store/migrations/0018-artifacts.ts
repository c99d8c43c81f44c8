/** Artifacts and their releases, the keys that sign them, and uploads. */
import { sql, type Kysely } from 'kysely';
import { protect } from './protect.ts';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  // System-wide, as tenants share what is the same: content that is there, and until when it is kept though no row names it.
  `create table stored_blobs (
    sha256 text primary key,
    bytes bigint not null,
    kept_until timestamptz not null
  )`,
  `create index stored_blobs_kept on stored_blobs (kept_until)`,
  `alter table stored_blobs enable row level security`,
  `alter table stored_blobs force row level security`,
  `create policy system on stored_blobs using ((select current_setting('lovely.tenant', true)) = 'system')`,

  `create table trusted_keys (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    name text not null,
    public_key_pem text not null,
    algorithm text not null,
    fingerprint text not null,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    unique (tenant_id, fingerprint)
  )`,
  ...protect('trusted_keys'),

  `create table releases (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    name text not null,
    notes text not null default '',
    tags text[] not null default '{}',
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (tenant_id, name)
  )`,
  `create index releases_newest on releases (tenant_id, updated_at desc, id desc)`,
  ...protect('releases'),

  // That no two artifacts of one name are for the same device is looked at when one is stored: see store/artifacts.ts.
  `create table artifacts (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    release_id uuid not null references releases on delete cascade,
    name text not null,
    description text not null default '',
    device_types text[] not null,
    payloads jsonb not null,
    provides jsonb not null,
    depends jsonb not null,
    clears text[] not null,
    scripts text[] not null,
    compression text not null,
    format smallint not null,
    -- What is signed, so that a key that is trusted later is found to have signed it.
    manifest bytea,
    signature text,
    signed_by uuid references trusted_keys on delete set null,
    bytes bigint not null,
    sha256 text not null,
    version integer not null default 1,
    created_by jsonb not null,
    created_at timestamptz not null default now()
  )`,
  `create index artifacts_newest on artifacts (tenant_id, created_at desc, id desc)`,
  `create index artifacts_name on artifacts (tenant_id, name)`,
  `create index artifacts_release on artifacts (release_id)`,
  `create index artifacts_content on artifacts (sha256)`,
  `create index artifacts_signed_by on artifacts (signed_by) where signed_by is not null`,
  ...protect('artifacts'),

  `create table uploads (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    kind text not null,
    name text not null,
    description text not null,
    bytes bigint not null,
    -- How many of them are in upload_parts.
    stored bigint not null default 0,
    state text not null default 'arriving',
    reason text,
    code text,
    -- What is to be made of uploaded files.
    wish jsonb,
    artifact_id uuid references artifacts on delete set null,
    -- Whoever writes to it: a request that comes later takes it over, and the one before stores nothing any more.
    writer uuid,
    -- Until when a process makes or stores it; then another may.
    claimed_until timestamptz,
    created_by jsonb not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  `create index uploads_newest on uploads (tenant_id, created_at desc, id desc)`,
  `create index uploads_expiry on uploads (expires_at)`,
  `create index uploads_due on uploads (claimed_until) where state in ('making', 'storing')`,
  ...protect('uploads'),

  `create table upload_parts (
    upload_id uuid not null references uploads on delete cascade,
    begins_at bigint not null,
    tenant_id uuid not null references tenants on delete cascade,
    bytes bigint not null,
    sha256 text not null,
    primary key (upload_id, begins_at)
  )`,
  `create index upload_parts_content on upload_parts (sha256)`,
  ...protect('upload_parts'),
];
