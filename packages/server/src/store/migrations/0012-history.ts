/**
 * What metrics were over time: each report, and what is kept of 5 minutes and of an hour (history-rollups.ts). The tables
 * are partitioned by time, so that what is too old goes at once; a worker makes partitions ahead and drops old ones
 * (history-partitions.ts). A row without a partition waits in the default one, so that no write ever fails for that.
 *
 * `written` is the transaction that wrote a row. What transactions wrote that had ended at a moment, and that were not
 * looked at before, is found by it exactly, whatever the order in which they commit; a clock could not tell that.
 */
import { sql, type Kysely } from 'kysely';
import { protect } from './protect.ts';

const TRANSACTION = `((pg_current_xact_id()::text)::bigint)`;

function historyTable(name: string): string[] {
  return [
    `create table ${name} (
      tenant_id uuid not null,
      device_id uuid not null,
      source text not null,
      ts timestamptz not null,
      values jsonb not null,
      written bigint not null default ${TRANSACTION},
      primary key (device_id, source, ts)
    ) partition by range (ts)`,
    `create index ${name}_written on ${name} using brin (written) with (autosummarize = on)`,
    `create table ${name}_default partition of ${name} default`,
    ...protect(name),
    ...protect(`${name}_default`),
  ];
}

const STATEMENTS = [
  ...['status_history', 'status_history_5min', 'status_history_1h'].flatMap(historyTable),
  // Up to which transaction each table was rolled up into the next coarser one.
  `create table history_marks (
    source_table text primary key,
    rolled_up_to bigint not null
  )`,
  `insert into history_marks values ('status_history', ${TRANSACTION}), ('status_history_5min', ${TRANSACTION})`,
  // Devices that were deleted, until a worker has deleted their history too.
  `create table deleted_histories (
    device_id uuid primary key,
    tenant_id uuid not null,
    deleted_at timestamptz not null default now()
  )`,
  `create index deleted_histories_oldest on deleted_histories (deleted_at)`,
  ...protect('deleted_histories'),
  `create function note_deleted_histories() returns trigger language plpgsql as $$ begin
    insert into deleted_histories (device_id, tenant_id) select id, tenant_id from gone on conflict do nothing;
    return null;
  end $$`,
  `create trigger note_deleted_histories after delete on devices referencing old table as gone
    for each statement execute function note_deleted_histories()`,
];

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}
