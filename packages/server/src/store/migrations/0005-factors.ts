/** Second factors, passkeys, sign-in through providers, what is known of a login, and access tokens. */
import { sql, type Kysely } from 'kysely';
import { protect } from './protect.ts';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `alter table logins
    add method text not null default 'password',
    add has_second_factor boolean not null default false,
    add address text,
    add user_agent text not null default '',
    add last_used_at timestamptz not null default now()`,

  // One a user; asked for once a code has confirmed it. last_step is the time step of the last code that was used.
  `create table totp_secrets (
    user_id uuid primary key references users on delete cascade,
    tenant_id uuid not null references tenants on delete cascade,
    secret text not null,
    created_at timestamptz not null default now(),
    active_since timestamptz,
    last_step bigint not null default 0
  )`,
  // Whoever uses one deletes it: that it works once is the deletion's doing.
  `create table recovery_codes (
    user_id uuid not null references users on delete cascade,
    code_hash bytea not null,
    tenant_id uuid not null references tenants on delete cascade,
    primary key (user_id, code_hash)
  )`,

  `create table passkeys (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    user_id uuid not null references users on delete cascade,
    credential_id text not null unique,
    public_key bytea not null,
    counter bigint not null,
    transports text[] not null,
    is_synced boolean not null,
    name text not null,
    created_at timestamptz not null default now(),
    last_used_at timestamptz
  )`,
  `create index passkeys_user on passkeys (user_id, created_at desc)`,
  // Without a tenant and user: a sign-in, of which nobody knows yet whose it will be.
  `create table passkey_challenges (
    id uuid primary key,
    tenant_id uuid references tenants on delete cascade,
    user_id uuid references users on delete cascade,
    challenge text not null,
    expires_at timestamptz not null
  )`,
  `create index passkey_challenges_expires on passkey_challenges (expires_at)`,

  `create table oidc_providers (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    name text not null,
    issuer text not null,
    client_id text not null,
    client_secret text not null,
    email_domains text[] not null,
    role_for_new_people text,
    is_public boolean not null,
    version integer not null default 1,
    created_at timestamptz not null default now()
  )`,
  `create index oidc_providers_tenant on oidc_providers (tenant_id, name)`,
  `create index oidc_providers_domains on oidc_providers using gin (email_domains)`,
  `create index oidc_providers_public on oidc_providers (name) where is_public`,
  // Who a person is at a provider: what it calls the subject never changes, an e-mail address may.
  `create table oidc_links (
    provider_id uuid not null references oidc_providers on delete cascade,
    subject text not null,
    tenant_id uuid not null references tenants on delete cascade,
    user_id uuid not null references users on delete cascade,
    created_at timestamptz not null default now(),
    primary key (provider_id, subject)
  )`,
  `create index oidc_links_user on oidc_links (user_id)`,
  // A browser that was sent to a provider and is to come back. Whoever takes one deletes it.
  `create table oidc_starts (
    state_hash bytea primary key,
    tenant_id uuid not null references tenants on delete cascade,
    provider_id uuid not null references oidc_providers on delete cascade,
    browser_hash bytea not null,
    nonce text not null,
    code_verifier text not null,
    redirect_uri text not null,
    expires_at timestamptz not null
  )`,
  `create index oidc_starts_expires on oidc_starts (expires_at)`,

  `create table tokens (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    user_id uuid not null references users on delete cascade,
    name text not null,
    hash bytea not null unique,
    permissions text[] not null,
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    expires_at timestamptz not null
  )`,
  `create index tokens_user on tokens (user_id, created_at desc)`,
  `create index tokens_expires on tokens (expires_at)`,

  ...[
    'totp_secrets',
    'recovery_codes',
    'passkeys',
    'passkey_challenges',
    'oidc_providers',
    'oidc_links',
    'oidc_starts',
    'tokens',
  ].flatMap(protect),
];
