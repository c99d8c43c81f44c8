/**
 * Rolls history up: reports into 5 minutes, these into hours. Whatever was written since the last time makes its bucket be
 * computed again from all of its rows, so that late reports are in it, and doing it twice changes nothing.
 */
import { sql, type RawBuilder } from 'kysely';
import type { HistoryRetention } from '../domain/history.ts';
import { HISTORY_BUCKET_ROWS_MAX, HISTORY_ROLLUP_TRANSACTIONS_MAX, HISTORY_STATES_MAX } from '../limits.ts';
import type { Store } from './store.ts';

interface Level {
  readonly source: 'status_history' | 'status_history_5min';
  readonly target: string;
  readonly seconds: number;
  readonly keptDays: (retention: HistoryRetention) => number;
  /** Of the samples of a bucket: each metric with NumberFigures, or of a state the last and counts. */
  readonly figures: RawBuilder<unknown>;
}

const LEVELS = {
  '5min': {
    source: 'status_history',
    target: 'status_history_5min',
    seconds: 300,
    keptDays: (retention) => retention.raw,
    figures: sql`
      numbers as (
        select tenant_id, device_id, source, bucket, key,
          jsonb_build_array(count(*), min(number), max(number), sum(number), (max(array[at, number]))[2],
            round((max(array[at, number]))[1]::numeric - extract(epoch from bucket), 3)) as figures
        -- A sum beyond what a number holds would be an error, and nothing would be rolled up any more.
        from (select *, greatest(-1e100, least(1e100, value::float8)) as number from samples
          where jsonb_typeof(value) = 'number') as of_numbers
        group by 1, 2, 3, 4, 5),
      counted as (
        select tenant_id, device_id, source, bucket, key, value as state, max(at) as at, count(*) as count
        from samples where jsonb_typeof(value) in ('string', 'boolean') group by 1, 2, 3, 4, 5, 6)`,
  },
  '1h': {
    source: 'status_history_5min',
    target: 'status_history_1h',
    seconds: 3600,
    keptDays: (retention) => retention['5min'],
    figures: sql`
      numbers as (
        select tenant_id, device_id, source, bucket, key,
          jsonb_build_array(sum((value->0)::int), min((value->1)::float8), max((value->2)::float8), sum((value->3)::float8),
            (max(array[at, (value->4)::float8]))[2],
            round((max(array[at, (value->5)::float8]))[1]::numeric - extract(epoch from bucket)
              + (max(array[at, (value->5)::float8]))[2]::numeric, 3)) as figures
        from samples where jsonb_typeof(value) = 'array' group by 1, 2, 3, 4, 5),
      counted as (
        select tenant_id, device_id, source, bucket, samples.key,
          case when jsonb_typeof(samples.value->'last') = 'boolean' and state.key in ('true', 'false')
            then state.key::jsonb else to_jsonb(state.key) end as state,
          max(case when state.key = samples.value->>'last' then at end) as at, sum(state.value::int) as count
        from samples, jsonb_each_text(samples.value->'counts') as state
        where jsonb_typeof(samples.value) = 'object' group by 1, 2, 3, 4, 5, 6)`,
  },
} as const satisfies { readonly [resolution: string]: Level };

export type RollUp = keyof typeof LEVELS;

/**
 * Rolls up what was written since the last time; one worker at a time. Returns how many buckets were computed.
 * Buckets older than what is kept of their rows stay as they are: some of these rows may be gone.
 */
export async function rollUp(store: Store, resolution: RollUp, retention: HistoryRetention): Promise<number> {
  let buckets = 0;
  for (;;) {
    const result = await rollUpSome(store, LEVELS[resolution], retention);
    buckets += result.buckets;
    if (result.isDone) return buckets;
  }
}

async function rollUpSome(
  store: Store,
  level: Level,
  retention: HistoryRetention,
): Promise<{ buckets: number; isDone: boolean }> {
  return await store.database.transaction().execute(async (transaction) => {
    // Together with history-deletions.ts: nothing is computed of rows that are just being deleted.
    const { rows: locks } = await sql<{ isMine: boolean }>`
      select pg_try_advisory_xact_lock(hashtext('history')) as "isMine"`.execute(transaction);
    if (!locks[0]!.isMine) return { buckets: 0, isDone: true };
    const { rows: marks } = await sql<{ from: number; ended: number }>`
      select rolled_up_to as "from", (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint as ended
      from history_marks where source_table = ${level.source}`.execute(transaction);
    const { from, ended } = marks[0]!;
    // A restored database counts its transactions anew: then everything is looked at once more.
    const isNewCount = from > ended;
    const first = isNewCount ? 0 : from;
    const end = isNewCount ? ended : Math.min(ended, from + HISTORY_ROLLUP_TRANSACTIONS_MAX);
    const isDone = end === ended;
    if (first === end) return { buckets: 0, isDone };
    const written = isNewCount ? sql`true` : sql`written >= ${first} and written < ${end}`;
    const { numAffectedRows } = await sql`${compute(level, written, level.keptDays(retention))}`.execute(transaction);
    await transaction
      .updateTable('history_marks')
      .set({ rolled_up_to: end })
      .where('source_table', '=', level.source)
      .execute();
    return { buckets: Number(numAffectedRows ?? 0), isDone };
  });
}

/**
 * The lateral query is never taken apart, so each bucket is read by its key in the one partition that has it. Nothing is
 * joined that was made on the way: PostgreSQL can't tell how much that is, and would compare each with each.
 */
function compute(level: Level, written: RawBuilder<unknown>, keptDays: number): RawBuilder<unknown> {
  const width = sql`make_interval(secs => ${level.seconds})`;
  return sql`
    with changed as materialized (
      select distinct tenant_id, device_id, source, date_bin(${width}, ts, timestamptz 'epoch') as bucket
      from ${sql.table(level.source)}
      where ${written} and ts >= date_bin(${width}, now() - make_interval(days => ${keptDays}), timestamptz 'epoch') + ${width}),
    samples as materialized (
      select changed.*, extract(epoch from row.ts)::float8 as at, each.key, each.value
      from changed cross join lateral (
        select ts, values from ${sql.table(level.source)} as history
        where history.device_id = changed.device_id and history.source = changed.source
          and history.ts >= changed.bucket and history.ts < changed.bucket + ${width}
        order by ts limit ${HISTORY_BUCKET_ROWS_MAX}) as row, jsonb_each(row.values) as each
      -- status_values has as many metrics as a source may have; names that are made up without end are not in it.
      where exists (select from status_values as known where known.device_id = changed.device_id
        and known.source = changed.source and known.values ? each.key)),
    ${level.figures},
    states as (
      select tenant_id, device_id, source, bucket, key,
        jsonb_build_object('last', (array_agg(state order by at desc nulls last))[1],
          'counts', jsonb_object_agg(state #>> '{}', count) filter (where place <= ${HISTORY_STATES_MAX})) as figures
      from (select *, row_number() over (partition by device_id, source, bucket, key order by count desc, state) as place
        from counted) as ranked
      group by 1, 2, 3, 4, 5)
    insert into ${sql.table(level.target)} (tenant_id, device_id, source, ts, values)
    -- Of a metric that was both, the number comes last and stays.
    select tenant_id, device_id, source, bucket, jsonb_object_agg(key, figures order by place)
    from (select *, 2 as place from numbers union all select *, 1 from states) as all_figures
    group by 1, 2, 3, 4 order by 2, 3, 4
    on conflict (device_id, source, ts) do update set values = excluded.values, written = excluded.written`;
}
