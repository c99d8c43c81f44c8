/** History of metrics: writes reports, and reads what charts show. */
import { sql, type RawBuilder } from 'kysely';
import { describeMetric, type GroupHistory, type History, type HistoryResolution } from '@lovely/api';
import type { DeviceGroup, DeviceScope } from '../domain/device-scope.ts';
import {
  coarserThan,
  HISTORY_RETENTION_DAYS,
  planHistory,
  RESOLUTION_MS,
  toSeries,
  type HistoryPlan,
  type HistoryRetention,
  type HistoryRow,
  type StoredValues,
} from '../domain/history.ts';
import { GROUP_HISTORY_DEVICES_MAX, GROUP_HISTORY_ROWS_MAX, HISTORY_LEAD_MS, HISTORY_ROWS_MAX } from '../limits.ts';
import { arrayLiteral } from './array-literal.ts';
import { inGroup, withinScope } from './device-filter.ts';
import type { Database } from './store.ts';

export const HISTORY_TABLES = {
  raw: 'status_history',
  '5min': 'status_history_5min',
  '1h': 'status_history_1h',
} as const satisfies { readonly [resolution in HistoryResolution]: string };

/** One report, with a time that has been corrected: none in the future. */
export interface HistoryReport {
  readonly deviceId: string;
  readonly source: string;
  readonly tsMs: number;
  readonly values: StoredValues;
}

/**
 * Adds reports to the history, in the transaction that stores them. Reports of the same moment become one; the same once
 * more changes nothing; those of a device that is gone are dropped.
 */
export async function appendHistory(transaction: Database, reports: readonly HistoryReport[]): Promise<void> {
  const rows = withoutRepetitions(reports);
  if (rows.length === 0) return;
  await sql`
    insert into status_history as known (tenant_id, device_id, source, ts, values)
    select devices.tenant_id, new.device_id, new.source, to_timestamp(new.ms / 1000), new.values
    from rows from (
      unnest(${arrayLiteral(rows.map((row) => row.deviceId))}::uuid[]),
      jsonb_array_elements_text(${JSON.stringify(rows.map((row) => row.source))}::jsonb),
      unnest(${arrayLiteral(rows.map((row) => row.tsMs))}::float8[]),
      jsonb_array_elements(${JSON.stringify(rows.map((row) => row.values))}::jsonb)
    ) as new(device_id, source, ms, values)
    join devices on devices.id = new.device_id
    order by 2, 3, 4
    on conflict (device_id, source, ts) do update set values = known.values || excluded.values, written = excluded.written
      where not known.values @> excluded.values`.execute(transaction);
}

/** One statement can't write a row twice. */
function withoutRepetitions(reports: readonly HistoryReport[]): HistoryReport[] {
  const rows = new Map<string, HistoryReport>();
  for (const { deviceId, source, tsMs: reportedMs, values } of reports) {
    const tsMs = Math.max(0, reportedMs);
    const key = `${deviceId} ${tsMs} ${source}`;
    const known = rows.get(key);
    rows.set(key, { deviceId, source, tsMs, values: known ? { ...known.values, ...values } : values });
  }
  return [...rows.values()];
}

export interface HistoryRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly points: number;
}

export interface HistoryOptions {
  readonly nowMs: number;
  readonly retentionDays?: HistoryRetention | undefined;
}

/** What metrics of one source were over time; all of them where none is named. */
export async function readHistory(
  database: Database,
  tenantId: string,
  of: { readonly deviceId: string; readonly source: string; readonly metrics: readonly string[] },
  range: HistoryRange,
  { nowMs, retentionDays = HISTORY_RETENTION_DAYS }: HistoryOptions,
): Promise<History> {
  let plan = planHistory(range, nowMs, retentionDays);
  for (;;) {
    const rows = await readRows(database, tenantId, of, plan);
    // Somebody who reports very often has more rows than a chart needs: the coarser table has enough of them.
    if (rows.length > HISTORY_ROWS_MAX && coarserThan(plan.resolution) !== undefined) {
      plan = planHistory(range, nowMs, retentionDays, plan.resolution);
      continue;
    }
    const { resolution, stepMs } = plan;
    const { from, to } = { from: new Date(plan.fromMs).toISOString(), to: new Date(plan.toMs).toISOString() };
    return { from, to, resolution, stepMs, ...toSeries(rows, plan) };
  }
}

async function readRows(
  database: Database,
  tenantId: string,
  { deviceId, source, metrics }: { deviceId: string; source: string; metrics: readonly string[] },
  { resolution, fromMs, toMs, stepMs }: HistoryPlan,
): Promise<HistoryRow[]> {
  const firstMs = fromMs - Math.max(HISTORY_LEAD_MS, stepMs);
  const wanted =
    metrics.length === 0
      ? sql`values`
      : sql`jsonb_build_object(${sql.join(metrics.flatMap((name) => [sql`${name}::text`, sql`values -> ${name}::text`]))})`;
  const { rows } = await sql<HistoryRow>`
    select ts, ${wanted} as values from ${sql.table(HISTORY_TABLES[resolution])}
    where tenant_id = ${tenantId} and device_id = ${deviceId} and source = ${source}
      and ts >= ${new Date(firstMs)} and ts < ${new Date(toMs)}
    order by ts limit ${HISTORY_ROWS_MAX + 1}`.execute(database);
  return rows;
}

/**
 * How one metric is spread over the devices of a group. Where many devices have many rows, each step is made of its last
 * rows, and beyond GROUP_HISTORY_DEVICES_MAX devices of a sample, always the same one.
 */
export async function readGroupHistory(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  of: { readonly group: DeviceGroup; readonly source: string; readonly metric: string },
  range: HistoryRange,
  { nowMs, retentionDays = HISTORY_RETENTION_DAYS }: HistoryOptions,
): Promise<GroupHistory> {
  const plan = planHistory(range, nowMs, retentionDays, 'raw');
  const { resolution, stepMs, fromMs, toMs } = plan;
  const isIn = sql`tenant_id = ${tenantId} and ${withinScope(scope)} and ${inGroup(of.group)}`;
  const counted = await sql<{ devices: number }>`
    select count(*) as devices from devices where ${isIn}`.execute(database);
  const { devices } = counted.rows[0]!;
  const sampled = Math.min(devices, GROUP_HISTORY_DEVICES_MAX);
  const unitMs = RESOLUTION_MS[resolution];
  const steps = Math.ceil((toMs - fromMs) / stepMs);
  const unitsRead = Math.max(1, Math.floor(GROUP_HISTORY_ROWS_MAX / Math.max(1, sampled * steps)));
  const readMs = Math.min(stepMs, unitsRead * unitMs);
  const isRate = describeMetric(of.metric).kind === 'counter';
  const { rows } = await sql<{ at: Date; count: number; spread: [number, number, number] }>`
    with chosen as materialized (
      select id from devices where ${isIn} order by hashtextextended(id::text, 0) limit ${GROUP_HISTORY_DEVICES_MAX}),
    steps as (
      select at from generate_series(${new Date(fromMs)}::timestamptz, ${new Date(toMs - 1)}::timestamptz,
        make_interval(secs => ${stepMs / 1000})) as at),
    means as (
      select steps.at, of_device.value from chosen cross join steps cross join lateral (
        select ${isRate ? RATE : MEAN} as value from (
          select ts, values -> ${of.metric}::text as figures from ${sql.table(HISTORY_TABLES[resolution])}
          where tenant_id = ${tenantId} and device_id = chosen.id and source = ${of.source}
            and ts >= steps.at + make_interval(secs => ${(stepMs - readMs) / 1000}::float8)
              - make_interval(secs => ${(isRate ? unitMs : 0) / 1000}::float8)
            and ts < steps.at + make_interval(secs => ${stepMs / 1000}::float8)) as found
        where jsonb_typeof(figures) = 'array') as of_device
      where of_device.value is not null)
    select at, count(*) as count,
      percentile_cont(array[0.05, 0.5, 0.95]) within group (order by value) as spread
    from means group by at order by at`.execute(database);
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    resolution,
    stepMs,
    metric: of.metric,
    isRate,
    devices,
    sampled,
    times: rows.map((row) => row.at.getTime()),
    counts: rows.map((row) => row.count),
    p5: rows.map((row) => row.spread[0]),
    p50: rows.map((row) => row.spread[1]),
    p95: rows.map((row) => row.spread[2]),
  };
}

const MEAN: RawBuilder<number> = sql`sum((figures ->> 3)::float8) / nullif(sum((figures ->> 0)::float8), 0)`;

/** When the last value of a row was so, in seconds since 1970. */
const LAST_AT = sql`extract(epoch from ts)::float8 + coalesce((figures ->> 5)::float8, 0)`;

/** From the first row to the last; a counter that started again in between tells nothing. */
const RATE: RawBuilder<number> = sql`case when max(${LAST_AT}) > min(${LAST_AT})
  and max((figures ->> 4)::float8) >= min((figures ->> 4)::float8) and bool_and((figures ->> 4)::float8 >= (figures ->> 1)::float8)
  then (max((figures ->> 4)::float8) - min((figures ->> 4)::float8)) / (max(${LAST_AT}) - min(${LAST_AT})) end`;
