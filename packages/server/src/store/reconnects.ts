/** Reconnects: of whole fleets by the minute, and of houses that got new software lately. */
import { sql } from 'kysely';
import { DEPLOYMENT_GATE_WINDOW_MS } from '../software-limits.ts';
import type { Database } from './store.ts';

export async function storeReconnects(
  database: Database,
  tenantId: string,
  counts: ReadonlyMap<string, number>,
): Promise<void> {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  await sql`insert into reconnects (tenant_id, minute, reconnects)
    select id, date_trunc('minute', now()), ${total} from tenants where id = ${tenantId}`.execute(database);
  await sql`
    with back as (
      select house.deployment_id, house.device_id, new.times
      from unnest(${[...counts.keys()]}::uuid[], ${[...counts.values()]}::int[]) as new(device_id, times)
      join deployment_devices as house on house.device_id = new.device_id
      join deployments on deployments.id = house.deployment_id and deployments.ended_at is null
      where house.state = 'success' and house.finished_at > now() - make_interval(secs => ${DEPLOYMENT_GATE_WINDOW_MS / 1000})
      order by 1, 2 for update of house)
    update deployment_devices as house set reconnects = house.reconnects + back.times from back
    where house.deployment_id = back.deployment_id and house.device_id = back.device_id`.execute(database);
}

export async function deleteOldReconnects(database: Database, days: number): Promise<void> {
  await sql`delete from reconnects where minute < now() - make_interval(days => ${days})`.execute(database);
}

/** Timelines and logs of deployments that were over before so many days. */
export async function deleteOldTimelines(database: Database, days: number): Promise<void> {
  for (const table of ['deployment_logs', 'deployment_events'] as const)
    await sql`delete from ${sql.table(table)} as old using deployments
      where deployments.id = old.deployment_id and old.device_id is not null
        and deployments.ended_at < now() - make_interval(days => ${days})`.execute(database);
}
