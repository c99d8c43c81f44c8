/** Configurations that were made artifacts, for Mender's clients, which get them as deployments (COMPAT 2.5). */
import { sql, type Kysely } from 'kysely';
import { protect } from './protect.ts';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `create table configuration_artifacts (
    id uuid primary key,
    tenant_id uuid not null references tenants on delete cascade,
    device_id uuid not null references devices on delete cascade,
    -- Of the artifact, and of the deployment that brings it.
    name text not null,
    device_type text not null,
    -- The version of the desired configuration.
    version integer not null,
    content bytea not null,
    sha256 text not null,
    created_at timestamptz not null default now(),
    unique (tenant_id, name)
  )`,
  `create index configuration_artifacts_device on configuration_artifacts (device_id, created_at desc)`,
  ...protect('configuration_artifacts'),
];
