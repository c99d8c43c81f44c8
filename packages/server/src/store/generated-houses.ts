/** Very many houses that take updates, made inside PostgreSQL: for measurements of deployments. */
import { sql } from 'kysely';
import type { Database } from './store.ts';

const TRIGGERED = ['devices', 'presence'] as const;

/** Rows as gateways and people would have made them, without the search words and webhooks of each. */
export async function generateHouses(database: Database, tenantId: string, count: number): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    for (const table of TRIGGERED) await sql`alter table ${sql.table(table)} disable trigger user`.execute(transaction);
    await sql`insert into devices (id, tenant_id, identity, identity_hash, status, name, address, tags, health, inventory)
      select gen_random_uuid(), ${tenantId}::uuid, '{}', decode(md5(n::text || clock_timestamp()), 'hex'), 'accepted',
        'House ' || n, '', '{}', 'ok', '{}' from generate_series(1, ${count}::int) as n`.execute(transaction);
    await sql`insert into presence (device_id, tenant_id, hub_id, epoch, connected, changed_at)
      select id, tenant_id, 'hub', 1, true, now() - interval '1 day' from devices
      where not exists (select from presence where presence.device_id = devices.id)`.execute(transaction);
    await sql`insert into device_software (device_id, tenant_id, provides, is_live, told_by, told_at)
      select id, tenant_id, '{"device_type": "house", "artifact_name": "old"}', true, 'client', now() from devices
      where not exists (select from device_software where device_software.device_id = devices.id)`.execute(transaction);
    for (const table of TRIGGERED) await sql`alter table ${sql.table(table)} enable trigger user`.execute(transaction);
  });
  for (const table of ['devices', 'presence', 'device_software'])
    await sql`vacuum analyze ${sql.table(table)}`.execute(database);
}

/** As PostgreSQL does by itself after a while. */
export async function settle(database: Database): Promise<void> {
  await sql`vacuum analyze deployment_devices`.execute(database);
}
