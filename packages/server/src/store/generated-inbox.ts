/** Very many alerts, for measuring lists of them. */
import { sql } from 'kysely';
import type { Database } from './store.ts';

/** Accepted houses with alerts of these rules in turns, one in ten of them active. */
export async function generateInbox(
  database: Database,
  tenantId: string,
  { devices, alerts, rules }: { readonly devices: number; readonly alerts: number; readonly rules: readonly string[] },
): Promise<void> {
  await sql`
    insert into devices (id, tenant_id, identity, identity_hash, status, name)
    select gen_random_uuid(), ${tenantId}::uuid, jsonb_build_object('sn', n), decode(lpad(to_hex(n), 64, '0'), 'hex'), 'accepted',
      'Lindenweg ' || n from generate_series(1, ${devices}::int) as n`.execute(database);
  await sql`
    insert into alerts (id, tenant_id, device_id, source, rule, severity, description, values, opened_at, closed_at)
    select gen_random_uuid(), ${tenantId}::uuid, house.id, 's' || n, (${[...rules]}::text[])[1 + n % ${rules.length}::int],
      case when n % 3 = 0 then 'warning' else 'critical' end, '', '{}', now() - n * interval '1 second',
      case when n % 10 <> 0 then now() end
    from generate_series(1, ${alerts}::int) as n
    join (select id, row_number() over () as nth from devices) as house on house.nth = n % ${devices}::int + 1`.execute(
    database,
  );
  for (const table of ['alerts', 'devices', 'device_words'])
    await sql`vacuum analyze ${sql.table(table)}`.execute(database);
}
