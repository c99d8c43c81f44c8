/**
 * The last values of a source stand in one row, which costs PostgreSQL a third of a row for each metric. What was reported
 * is known by its content: the time of each value tells what is newer, so message ids need not be kept.
 */
import { sql, type Kysely } from 'kysely';
import { protect } from './protect.ts';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `alter table status_values rename to old_status_values`,
  `alter index status_values_pkey rename to old_status_values_pkey`,
  // No foreign keys on what is written thousands of times a second; rows of a deleted device are deleted with it.
  // Rows are rewritten where they stand, uncompressed, as long as they fit into a page.
  `create table status_values (
    device_id uuid not null,
    source text not null,
    tenant_id uuid not null,
    -- By metric: [value, when it was so in milliseconds since 1970].
    values jsonb not null,
    -- The oldest time of what was told last, and the newest of all: what is told later than that is newer throughout.
    oldest_ms bigint not null,
    newest_ms bigint not null,
    primary key (device_id, source)
  ) with (fillfactor = 70, toast_tuple_target = 8160)`,
  // So that pg_column_size is the size of the value and tells how many metrics there can be.
  `alter table status_values alter column values set storage external`,
  ...protect('status_values'),
  `insert into status_values (device_id, source, tenant_id, values, oldest_ms, newest_ms)
    select device_id, source, tenant_id, jsonb_object_agg(metric, jsonb_build_array(value, ms)), min(ms), max(ms)
    from (select *, (extract(epoch from ts) * 1000)::bigint as ms from old_status_values) as old
    group by device_id, source, tenant_id`,
  `drop table old_status_values`,
  `drop table status_messages`,
  // The newer value of each metric; of metrics that are new, as many as the source may have.
  `create function merge_status_values(known jsonb, told jsonb, metrics_max integer) returns jsonb language sql immutable as $$
    select known || coalesce(jsonb_object_agg(key, value) filter (where is_known or place <= room), '{}')
    from (
      select key, value, known ? key as is_known,
        row_number() over (partition by known ? key order by key) as place,
        metrics_max - (select count(*) from jsonb_object_keys(known)) as room
      from jsonb_each(told)
      where not known ? key or (known->key->>1)::bigint <= (value->>1)::bigint
    ) as newer $$`,
];
