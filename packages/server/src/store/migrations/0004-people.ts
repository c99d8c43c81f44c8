/** Invitations, links for forgotten passwords, disabled users, and delays after wrong passwords. */
import { sql, type Kysely } from 'kysely';
import { protect } from './protect.ts';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `alter table users
    add disabled_at timestamptz,
    add last_login_at timestamptz,
    add version integer not null default 1`,
  `create index users_newest on users (tenant_id, created_at desc, id desc)`,
  `create index logins_user on logins (user_id)`,

  // Whoever accepts one deletes it: that it works once is the deletion's doing.
  `create table invitations (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    email text not null,
    grants jsonb not null,
    code_hash bytea not null unique,
    -- What somebody invited goes when they go; the name stays true to what the mail said.
    invited_by uuid references users on delete cascade,
    invited_by_name text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  `create unique index invitations_email on invitations (tenant_id, lower(email))`,
  `create index invitations_invited_by on invitations (invited_by)`,

  `create table password_resets (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    user_id uuid not null references users on delete cascade,
    code_hash bytea not null unique,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  `create index password_resets_user on password_resets (user_id)`,
  ...['invitations', 'password_resets'].flatMap(protect),

  // System-wide: whether an e-mail address belongs to a tenant, or to anybody, must not show here.
  `create table sign_in_attempts (
    email_hash bytea not null,
    -- Empty: from all addresses together.
    neighbour text not null,
    failures integer not null default 0,
    failed_at timestamptz,
    refused_until timestamptz,
    proved_at timestamptz,
    primary key (email_hash, neighbour)
  )`,
  `alter table sign_in_attempts enable row level security`,
  `alter table sign_in_attempts force row level security`,
  `create policy system on sign_in_attempts using ((select current_setting('lovely.tenant', true)) = 'system')`,
];
