/** A large fleet, made inside PostgreSQL: for tests and measurements of lists. */
import { sql } from 'kysely';
import type { Database } from './store.ts';

/** Adds `count` devices to a tenant, as many as never before of each kind: a tenth pending, some broken, most placed. */
export async function generateFleet(database: Database, tenantId: string, count: number): Promise<void> {
  await sql`
    insert into devices (id, tenant_id, identity, identity_hash, status, name, address, latitude, longitude, tags, health,
      inventory, created_at)
    select gen_random_uuid(), ${tenantId}::uuid, jsonb_build_object('sn', 'SN-' || lpad(n::text, 8, '0')),
      decode(lpad(to_hex(n), 64, '0'), 'hex'), case when n % 10 = 0 then 'pending' else 'accepted' end,
      'Haus ' || streets.name || ' ' || n, streets.name || ' ' || n % 200 || ', Town ' || n % 5000,
      case when n % 50 <> 0 then 47 + random() end, case when n % 50 <> 0 then 8 + random() end,
      array['tag-' || n % 20],
      case when n % 10 = 0 then 'unknown' when n % 500 = 1 then 'critical' when n % 100 = 2 then 'warning'
        when n % 70 = 3 then 'offline' else 'ok' end,
      jsonb_build_object('device_type', 'gateway', 'kernel', '6.1.' || n % 7),
      now() - n * interval '1 second'
    from generate_series(1, ${count}::int) as n,
      lateral (select (array['Lindenweg', 'Hauptstraße', 'Rua Augusta', 'High Street', 'Am Bach'])[1 + n % 5] as name) as streets`.execute(
    database,
  );
  await sql`insert into presence (device_id, tenant_id, hub_id, epoch, connected, changed_at, reason)
    select id, tenant_id, 'hub-1', 1, health <> 'offline', created_at + interval '1 hour', null
    from devices where tenant_id = ${tenantId}::uuid and status = 'accepted'`.execute(database);
  await sql`insert into alerts (id, tenant_id, device_id, source, rule, severity, description, values, opened_at, closed_at)
    select gen_random_uuid(), tenant_id, id, '', case when nth % 5 = 1 then 'disk-almost-full' else 'gateway-offline' end,
      'critical', '', '{}', created_at + nth * interval '1 minute',
      case when health in ('ok', 'unknown') or nth > 1 then now() end
    from devices, generate_series(1, 5) as nth
    where tenant_id = ${tenantId}::uuid and (health <> 'ok' or (identity ->> 'sn') like '%7') and status = 'accepted'`.execute(
    database,
  );
  for (const table of ['devices', 'device_words', 'presence', 'alerts'])
    await sql`vacuum analyze ${sql.table(table)}`.execute(database);
}
