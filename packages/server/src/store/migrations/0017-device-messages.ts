/** Which messages of programs on gateways were handed on, so that a repetition is known. */
import { sql, type Kysely } from 'kysely';
import { protect } from './protect.ts';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `create table device_messages (
    device_id uuid not null references devices on delete cascade,
    message_id bigint not null,
    tenant_id uuid not null references tenants on delete cascade,
    received_at timestamptz not null default now(),
    primary key (device_id, message_id)
  )`,
  ...protect('device_messages'),
  `create index device_messages_received on device_messages using brin (received_at)`,
];
