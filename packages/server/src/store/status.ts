/** Status: the last value of every metric, one row a source. Storing a report again, or late, changes nothing. */
import { sql } from 'kysely';
import type { Metric } from '@lovely/api';
import { METRICS_PER_SOURCE_MAX, SOURCES_PER_DEVICE_MAX } from '../limits.ts';
import { arrayLiteral } from './array-literal.ts';
import { appendHistory } from './history.ts';
import type { Scalar } from './schema.ts';
import type { Database, Store } from './store.ts';

/** One report of a device: what its gateway or one of its sensors says of a moment. */
export interface StatusRow {
  readonly tenantId: string;
  readonly deviceId: string;
  /** '' for the gateway, else a sensor's id. */
  readonly source: string;
  readonly tsMs: number;
  readonly values: Readonly<Record<string, Scalar>>;
}

/** What was not stored, because the device has too many sources, or the source too many metrics. */
export interface StatusRefusal {
  readonly deviceId: string;
  readonly source: string;
  readonly excess: 'sources' | 'metrics';
}

/**
 * Stores reports in one transaction; those of a device that is gone are dropped. Of equal times the later report wins.
 * Returns what was refused.
 */
export async function storeStatus(store: Store, reports: readonly StatusRow[]): Promise<StatusRefusal[]> {
  const latest = latestValues(reports);
  return await store.database.transaction().execute(async (transaction) => {
    const unusual = await storeLastValues(transaction, latest);
    const excessSources = await dropExcessSources(transaction, unusual);
    const excessMetrics = await listCutSources(transaction, unusual);
    await appendHistory(transaction, withoutSources(reports, excessSources));
    return [...excessSources, ...excessMetrics];
  });
}

function withoutSources(reports: readonly StatusRow[], refused: readonly StatusRefusal[]): readonly StatusRow[] {
  if (refused.length === 0) return reports;
  const sources = new Set(refused.map(({ deviceId, source }) => deviceId + source));
  return reports.filter(({ deviceId, source }) => !sources.has(deviceId + source));
}

interface SourceValues {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly source: string;
  readonly values: Record<string, [value: Scalar, tsMs: number]>;
  metrics: number;
  oldestMs: number;
  newestMs: number;
  isCut: boolean;
}

/** The newest value of each metric, by source. */
function latestValues(reports: readonly StatusRow[]): SourceValues[] {
  const sources = new Map<string, SourceValues>();
  for (const { tenantId, deviceId, source, tsMs, values } of reports) {
    const key = deviceId + source;
    let latest = sources.get(key);
    if (!latest)
      sources.set(
        key,
        (latest = {
          tenantId,
          deviceId,
          source,
          values: {},
          metrics: 0,
          oldestMs: tsMs,
          newestMs: tsMs,
          isCut: false,
        }),
      );
    for (const metric in values) {
      const known = latest.values[metric];
      if (known && known[1] > tsMs) continue;
      if (!known && latest.metrics === METRICS_PER_SOURCE_MAX) {
        latest.isCut = true;
        continue;
      }
      if (!known) latest.metrics++;
      latest.values[metric] = [values[metric]!, tsMs];
    }
    latest.oldestMs = Math.min(latest.oldestMs, tsMs);
    latest.newestMs = Math.max(latest.newestMs, tsMs);
  }
  return [...sources.values()];
}

interface Unusual extends SourceValues {
  readonly isNew: boolean;
  readonly isLarge: boolean;
}

/** Smaller values than this can't hold METRICS_PER_SOURCE_MAX metrics, of which each takes 33 bytes at least. */
const LARGE_BYTES = 32 * METRICS_PER_SOURCE_MAX;

/**
 * One statement, and one row of the table for each source. Rows are written in key order, so that two batches can't
 * deadlock. Returns sources to look at more closely: those of sensors that are new, and large ones.
 */
async function storeLastValues(database: Database, sources: readonly SourceValues[]): Promise<Unusual[]> {
  const { rows } = await sql<{ at: number; isNew: boolean; isLarge: boolean }>`
    with told as (
      select * from rows from (
        unnest(${arrayLiteral(sources.map(({ deviceId }) => deviceId))}::uuid[]),
        jsonb_array_elements_text(${JSON.stringify(sources.map(({ source }) => source))}::jsonb),
        jsonb_array_elements(${JSON.stringify(sources.map(({ values }) => values))}::jsonb),
        unnest(${arrayLiteral(sources.map(({ oldestMs }) => oldestMs))}::bigint[]),
        unnest(${arrayLiteral(sources.map(({ newestMs }) => newestMs))}::bigint[])
      ) with ordinality as told(device_id, source, values, oldest_ms, newest_ms, at)
    ), stored as (
      insert into status_values as known (device_id, source, tenant_id, values, oldest_ms, newest_ms)
      select told.device_id, told.source, devices.tenant_id, told.values, told.oldest_ms, told.newest_ms
      from told join devices on devices.id = told.device_id
      order by 1, 2
      on conflict (device_id, source) do update set
        values = case
          when excluded.oldest_ms >= known.newest_ms
            and pg_column_size(known.values) + pg_column_size(excluded.values) < ${LARGE_BYTES} then known.values || excluded.values
          else merge_status_values(known.values, excluded.values, ${METRICS_PER_SOURCE_MAX}) end,
        oldest_ms = excluded.oldest_ms,
        newest_ms = greatest(known.newest_ms, excluded.newest_ms)
      returning device_id, source, xmax = 0 as is_new, pg_column_size(values) >= ${LARGE_BYTES} as is_large
    )
    select told.at, is_new as "isNew", is_large as "isLarge" from stored join told using (device_id, source)
    where is_large or (is_new and source <> '')`.execute(database);
  return rows.map(({ at, isNew, isLarge }) => ({ ...sources[at - 1]!, isNew, isLarge }));
}

/** Takes back new sources of devices that have too many; while another batch adds some too, a few more may stay. */
async function dropExcessSources(database: Database, unusual: readonly Unusual[]): Promise<StatusRefusal[]> {
  const added = Map.groupBy(
    unusual.filter(({ isNew }) => isNew),
    ({ deviceId }) => deviceId,
  );
  if (added.size === 0) return [];
  const { rows } = await sql<{ deviceId: string; excess: number }>`
    select device_id as "deviceId", count(*)::int - ${SOURCES_PER_DEVICE_MAX} as excess from status_values
    where device_id = any(${[...added.keys()]}::uuid[]) group by device_id having count(*) > ${SOURCES_PER_DEVICE_MAX}`.execute(
    database,
  );
  const dropped = rows.flatMap(({ deviceId, excess }) => added.get(deviceId)!.slice(-excess));
  if (dropped.length > 0)
    await sql`
      delete from status_values
      using unnest(${dropped.map(({ deviceId }) => deviceId)}::uuid[], ${dropped.map(({ source }) => source)}::text[]) as dropped(device_id, source)
      where status_values.device_id = dropped.device_id and status_values.source = dropped.source`.execute(database);
  return dropped.map(({ deviceId, source }) => ({ deviceId, source, excess: 'sources' }));
}

/** Large sources of which a metric that was told is not there now. */
async function listCutSources(database: Database, unusual: readonly Unusual[]): Promise<StatusRefusal[]> {
  const large = unusual.filter(({ isLarge }) => isLarge);
  if (large.length === 0) return [];
  const { rows } = await sql<Omit<StatusRefusal, 'excess'>>`
    select device_id as "deviceId", source
    from status_values join rows from (
      unnest(${large.map(({ deviceId }) => deviceId)}::uuid[]), unnest(${large.map(({ source }) => source)}::text[]),
      jsonb_array_elements(${JSON.stringify(large.map(({ values }) => values))}::jsonb), unnest(${large.map(({ isCut }) => isCut)}::boolean[])
    ) as told(device_id, source, told_values, is_cut) using (device_id, source)
    where is_cut or exists (select from jsonb_object_keys(told_values) as metric where not status_values.values ? metric)`.execute(
    database,
  );
  return rows.map((row) => ({ ...row, excess: 'metrics' }));
}

/** The last value of every metric of a device and its sensors, by source and name. */
export async function listStatusValues(database: Database, tenantId: string, deviceId: string): Promise<Metric[]> {
  const rows = await database
    .selectFrom('status_values')
    .select(['source', 'values'])
    .where('tenant_id', '=', tenantId)
    .where('device_id', '=', deviceId)
    .orderBy('source')
    .execute();
  return rows.flatMap(({ source, values }) =>
    Object.entries(values)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, [value, tsMs]]) => ({ source, name, value, ts: new Date(tsMs).toISOString() })),
  );
}
