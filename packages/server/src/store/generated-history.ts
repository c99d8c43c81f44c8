/** A long history of many devices, made inside PostgreSQL: for measurements. */
import { sql } from 'kysely';
import type { HistoryRetention } from '../domain/history.ts';
import { HISTORY_TABLES } from './history.ts';
import { keepPartitions } from './history-partitions.ts';
import type { Store } from './store.ts';

const DAY_MS = 24 * 3600_000;
const SECONDS = { raw: 60, '5min': 300, '1h': 3600 } as const;

export type GeneratedDays = { readonly [resolution in keyof typeof SECONDS]: number };

/**
 * Adds what devices would have after days of a report a minute: so many days of reports, 5 minutes and hours, each with so
 * many gauges. Returns how many rows it added.
 */
export async function generateHistory(
  store: Store,
  deviceIds: readonly string[],
  { days, metrics, nowMs }: { days: GeneratedDays; metrics: number; nowMs: number },
): Promise<number> {
  let rows = 0;
  for (const resolution of ['raw', '5min', '1h'] as const) {
    const seconds = SECONDS[resolution];
    const count = Math.floor((days[resolution] * 24 * 3600) / seconds);
    const end = Math.floor(nowMs / (seconds * 1000)) * seconds * 1000;
    const figures = resolution === 'raw' ? sql`to_jsonb(v)` : sql`jsonb_build_array(5, v - 1, v + 1, v * 5, v, 59.5)`;
    const { numAffectedRows } = await sql`
      insert into ${sql.table(HISTORY_TABLES[resolution])} (tenant_id, device_id, source, ts, values)
      select devices.tenant_id, devices.id, '', ${new Date(end)}::timestamptz - nth * make_interval(secs => ${seconds}), (
        select jsonb_object_agg('figure' || metric || '.watts', ${figures}) from (
          select metric, round((50 + metric + 10 * sin(nth / 40.0 + metric) + random())::numeric, 3) as v
          from generate_series(1, ${metrics}::int) as metric) as of_metric
        where devices.id is not null and nth is not null)
      from devices, generate_series(1, ${count}::int) as nth
      where devices.id = any(${[...deviceIds]}::uuid[])`.execute(store.database);
    rows += Number(numAffectedRows ?? 0);
  }
  return rows;
}

/** Partitions for all of these days, as a worker would have made them one after the other. */
export async function makePartitionsBack(store: Store, days: GeneratedDays, nowMs: number): Promise<void> {
  const forever: HistoryRetention = { raw: 3650, '5min': 3650, '1h': 3650 };
  for (let day = Math.max(days.raw, days['5min'], days['1h']); day >= 0; day--)
    await keepPartitions(store, forever, nowMs - day * DAY_MS);
}

/** Rows and bytes of the history, indexes included. */
export async function sizeOfHistory(store: Store): Promise<{ rows: number; bytes: number }> {
  for (const table of Object.values(HISTORY_TABLES)) await sql`analyze ${sql.table(table)}`.execute(store.database);
  const { rows } = await sql<{ rows: number; bytes: number }>`
    select coalesce(sum(greatest(reltuples, 0)), 0)::float8 as rows, coalesce(sum(pg_total_relation_size(oid)), 0)::float8 as bytes
    from pg_class where relname like 'status\\_history%' and relkind = 'r'`.execute(store.database);
  return rows[0]!;
}
