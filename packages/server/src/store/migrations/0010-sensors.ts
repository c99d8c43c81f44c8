/** The sensors behind each gateway. */
import { sql, type Kysely } from 'kysely';
import { protect } from './protect.ts';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `create table sensors (
    tenant_id uuid not null references tenants on delete cascade,
    device_id uuid not null references devices on delete cascade,
    id text not null,
    kind text not null,
    name text not null,
    model text not null,
    serial text not null,
    firmware text not null,
    place text not null,
    created_at timestamptz not null default now(),
    removed_at timestamptz,
    primary key (device_id, id)
  )`,
  ...protect('sensors'),
  `create index sensors_kinds on sensors (tenant_id, kind, model, firmware) where removed_at is null`,
  // The message that the sensors of a device are known by, so that an older one that comes later changes nothing.
  `create table sensor_topologies (
    device_id uuid primary key references devices on delete cascade,
    tenant_id uuid not null references tenants on delete cascade,
    message_id bigint not null,
    stored_at timestamptz not null default now()
  )`,
  ...protect('sensor_topologies'),
];
