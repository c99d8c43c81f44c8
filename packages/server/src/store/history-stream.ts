/** History of one metric of many devices, for what goes through all of it: trying a rule on what was. */
import { sql } from 'kysely';
import { starOf } from '@lovely/api';
import type { NumberFigures, StateFigures } from '../domain/history.ts';
import { HISTORY_STREAM_PAGE_ROWS, HISTORY_STREAM_ROWS_MAX } from '../limits.ts';
import { HISTORY_TABLES } from './history.ts';
import type { Database } from './store.ts';

export interface HistoryStreamQuery {
  /** One after the other, in this order. */
  readonly deviceIds: readonly string[];
  /** '' is the gateway; undefined takes all sources of each device. */
  readonly source?: string | undefined;
  /** A metric's name, or a pattern in which `*` stands for a part of it; '' for all. */
  readonly metric: string;
  /** Single reports, or one value of every 5 minutes. */
  readonly resolution: 'raw' | '5min';
  /** Which number of the 5 minutes; of states it is the last. */
  readonly take?: 'min' | 'max' | 'mean' | 'last';
  readonly fromMs: number;
  readonly toMs: number;
}

export interface HistorySample {
  readonly deviceId: string;
  readonly source: string;
  readonly metric: string;
  readonly tsMs: number;
  readonly value: string | number | boolean;
}

/**
 * Pages of samples: device by device, source by source, each in the order of time. Ends after HISTORY_STREAM_ROWS_MAX
 * rows; returns whether it ended before the end. Scopes are the caller's matter: it reads the devices that are named.
 */
export async function* streamHistory(
  database: Database,
  tenantId: string,
  query: HistoryStreamQuery,
  rowsMax = HISTORY_STREAM_ROWS_MAX,
): AsyncGenerator<HistorySample[], { isCut: boolean }> {
  let left = rowsMax;
  for (const deviceId of query.deviceIds) {
    let after: StreamRow | undefined;
    do {
      if (left <= 0) return { isCut: true };
      const limit = Math.min(left, HISTORY_STREAM_PAGE_ROWS);
      const rows = await readPage(database, tenantId, deviceId, query, after, limit);
      left -= rows.length;
      const samples = rows.flatMap((row) => samplesOf(deviceId, row, query));
      if (samples.length > 0) yield samples;
      after = rows.length === limit ? rows.at(-1) : undefined;
    } while (after);
  }
  return { isCut: false };
}

interface StreamRow {
  readonly source: string;
  readonly ts: Date;
  readonly values: { readonly [metric: string]: HistorySample['value'] | NumberFigures | StateFigures };
}

async function readPage(
  database: Database,
  tenantId: string,
  deviceId: string,
  { source, metric, resolution, fromMs, toMs }: HistoryStreamQuery,
  after: StreamRow | undefined,
  limit: number,
): Promise<StreamRow[]> {
  const isExact = metric !== '' && !metric.includes('*');
  const { rows } = await sql<StreamRow>`
    select source, ts, ${isExact ? sql`jsonb_build_object(${metric}::text, values -> ${metric}::text)` : sql`values`} as values
    from ${sql.table(HISTORY_TABLES[resolution])}
    where tenant_id = ${tenantId} and device_id = ${deviceId}
      and ts >= ${new Date(fromMs)} and ts < ${new Date(toMs)}
      and ${source === undefined ? sql`true` : sql`source = ${source}`}
      and ${isExact ? sql`values ? ${metric}::text` : sql`true`}
      and ${after ? sql`(source, ts) > (${after.source}::text, ${after.ts}::timestamptz)` : sql`true`}
    order by source, ts limit ${limit}`.execute(database);
  return rows;
}

function samplesOf(deviceId: string, row: StreamRow, { metric, take = 'mean' }: HistoryStreamQuery): HistorySample[] {
  return Object.entries(row.values)
    .filter(([name]) => metric === '' || starOf(metric, name) !== undefined)
    .map(([name, value]) => ({
      deviceId,
      source: row.source,
      metric: name,
      tsMs: row.ts.getTime(),
      value: typeof value === 'object' ? pick(value, take) : value,
    }));
}

function pick(figures: NumberFigures | StateFigures, take: 'min' | 'max' | 'mean' | 'last'): HistorySample['value'] {
  if ('last' in figures) return figures.last;
  const [count, min, max, sum, last] = figures;
  return { min, max, mean: sum / count, last }[take];
}
