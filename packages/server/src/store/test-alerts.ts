/** Houses and alerts as the rows that the writers of alerts make, for tests of what follows from them. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Severity } from '@lovely/api';
import type { Database } from './store.ts';

export async function insertTestHouses(database: Database, tenantId: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await sql`insert into devices (id, tenant_id, identity, identity_hash, status, name, address)
    select id, ${tenantId}::uuid, jsonb_build_object('sn', id), sha256(id::text::bytea), 'accepted', 'House ' || at, 'Lindenweg ' || at
    from unnest(${ids}::uuid[]) with ordinality as house(id, at)`.execute(database);
  return ids;
}

/** One statement, as a batch is; returns the ids of the alerts. */
export async function openTestAlerts(
  database: Database,
  tenantId: string,
  deviceIds: readonly string[],
  { rule, severity, source = '', at }: { rule: string; severity: Severity; source?: string; at: Date },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    insert into alerts (id, tenant_id, device_id, source, rule, severity, description, values, opened_at, count)
    select gen_random_uuid(), ${tenantId}::uuid, device_id, ${source}, ${rule}, ${severity}, 'It is 97 % full.', '{}', ${at}, 1
    from unnest(${[...deviceIds]}::uuid[]) as house(device_id)
    on conflict (device_id, source, rule) where closed_at is null do update set count = alerts.count + 1
    returning id`.execute(database);
  return rows.map(({ id }) => id);
}

export async function closeTestAlerts(database: Database, alertIds: readonly string[], at: Date): Promise<void> {
  await sql`update alerts set closed_at = ${at} where id = any(${[...alertIds]}::uuid[])`.execute(database);
}

export async function acknowledgeTestAlerts(database: Database, alertIds: readonly string[], at: Date): Promise<void> {
  await sql`update alerts set acknowledged_at = ${at} where id = any(${[...alertIds]}::uuid[])`.execute(database);
}

export async function countRows(database: Database, table: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(database);
  return rows[0]!.count;
}
