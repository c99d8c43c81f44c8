/** A fleet with a large town in it, for tests of incidents. */
import { sql } from 'kysely';
import type { Database } from './store.ts';

export interface OutageFleet {
  /** Houses around Milan. */
  readonly milan: string[];
  /** Twice as many, all over Europe. */
  readonly elsewhere: string[];
  /** Of those elsewhere, every tenth: the only ones with firmware 2.1. */
  readonly withFirmware: string[];
}

export async function makeOutageFleet(
  database: Database,
  tenantId: string,
  housesInMilan: number,
): Promise<OutageFleet> {
  await sql`
    insert into devices (id, tenant_id, identity, identity_hash, status, name, address, latitude, longitude, health, client, inventory)
    select gen_random_uuid(), ${tenantId}::uuid, jsonb_build_object('sn', n), decode(lpad(to_hex(n), 64, '0'), 'hex'), 'accepted',
      'House ' || n, 'Street ' || n, case when n <= ${housesInMilan}::int then 45.46 + (random() - 0.5) * 0.3 else 37 + random() * 17 end,
      case when n <= ${housesInMilan}::int then 9.19 + (random() - 0.5) * 0.4 else random() * 20 end, 'ok', 'nice-smart-client 1.0',
      jsonb_build_object('device_type', 'gateway', 'artifact_name', case when n > ${housesInMilan}::int and n % 10 = 0 then '2.1' else '2.0' end)
    from generate_series(1, ${3 * housesInMilan}::int) as n`.execute(database);
  await sql`insert into presence (device_id, tenant_id, hub_id, epoch, connected, changed_at)
    select id, tenant_id, 'hub', 1, true, now() from devices where tenant_id = ${tenantId}::uuid`.execute(database);
  await sql`analyze devices`.execute(database);
  const { rows } = await sql<{ id: string; nth: number; firmware: string }>`
    select id, (identity ->> 'sn')::int as nth, inventory ->> 'artifact_name' as firmware
    from devices where tenant_id = ${tenantId}::uuid order by nth`.execute(database);
  const elsewhere = rows.filter(({ nth }) => nth > housesInMilan);
  return {
    milan: rows.filter(({ nth }) => nth <= housesInMilan).map(({ id }) => id),
    elsewhere: elsewhere.map(({ id }) => id),
    withFirmware: elsewhere.filter(({ firmware }) => firmware === '2.1').map(({ id }) => id),
  };
}

/** How many alerts are in each state, and how many of their houses count as offline. */
export async function countStates(database: Database): Promise<{ state: string; houses: number; offline: number }[]> {
  const { rows } = await sql<{ state: string; houses: number; offline: number }>`
    select state, count(*) as houses, count(*) filter (where health = 'offline') as offline
    from alerts join devices on devices.id = device_id group by state order by state`.execute(database);
  return rows;
}
