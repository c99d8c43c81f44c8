/**
 * Looks after the partitions of history: makes them before they are needed, takes rows that found none out of the default
 * partition, and drops what is past its time. Any worker may do it at any time; one does.
 */
import { sql } from 'kysely';
import type { HistoryRetention } from '../domain/history.ts';
import { HISTORY_LOCK_TIMEOUT_MS, HISTORY_PARTITIONS_AHEAD } from '../limits.ts';
import { protect } from './migrations/protect.ts';
import type { Database, Store } from './store.ts';

const DAY_MS = 24 * 3600_000;

/** Days that one partition of each table holds, so that there are never more than some dozens of them. */
const TABLES = [
  { table: 'status_history', resolution: 'raw', days: 1 },
  { table: 'status_history_5min', resolution: '5min', days: 7 },
  { table: 'status_history_1h', resolution: '1h', days: 28 },
] as const;

type HistoryTable = (typeof TABLES)[number];

/** Makes and drops partitions as the time and the retention ask for. */
export async function keepPartitions(store: Store, retention: HistoryRetention, nowMs: number): Promise<void> {
  for (const of of TABLES) {
    const lengthMs = of.days * DAY_MS;
    const oldestMs = nowMs - retention[of.resolution] * DAY_MS;
    const known = new Set(await listPartitions(store.database, of));
    const current = startOf(nowMs, lengthMs);
    const wanted = [
      ...Array.from({ length: HISTORY_PARTITIONS_AHEAD + 1 }, (_, at) => current + at * lengthMs),
      ...(await startsInDefault(store.database, of, oldestMs, nowMs)),
    ];
    for (const startMs of new Set(wanted))
      if (!known.has(startMs)) await exclusively(store, (database) => makePartition(database, of, startMs));
    for (const startMs of known)
      if (startMs + lengthMs <= oldestMs)
        await exclusively(store, async (database) => {
          await sql`drop table if exists ${sql.table(nameOf(of, startMs))}`.execute(database);
        });
    await sql`delete from ${sql.table(`${of.table}_default`)} where ts < ${new Date(oldestMs)}`.execute(store.database);
  }
}

/** Others wait behind whoever waits for a lock on a table, so this gives up soon and comes back. */
async function exclusively(store: Store, work: (database: Database) => Promise<void>): Promise<void> {
  await store.database.transaction().execute(async (transaction) => {
    await sql`select set_config('lock_timeout', ${String(HISTORY_LOCK_TIMEOUT_MS)}, true),
      pg_advisory_xact_lock(hashtext('history partitions'))`.execute(transaction);
    await work(transaction);
  });
}

async function makePartition(database: Database, of: HistoryTable, startMs: number): Promise<void> {
  const name = nameOf(of, startMs);
  const [table, waiting, partition] = [of.table, `${of.table}_default`, name].map((one) => sql.table(one));
  const [from, to] = [startMs, startMs + of.days * DAY_MS].map((ms) => sql.lit(new Date(ms).toISOString()));
  const { rows } = await sql`select from pg_class where relname = ${name}`.execute(database);
  if (rows.length > 0) return;
  // Nothing comes into the default partition between moving what is there and attaching the new one.
  await sql`lock table ${waiting} in access exclusive mode`.execute(database);
  await sql`create table ${partition} (like ${table} including all)`.execute(database);
  for (const statement of protect(name)) await sql.raw(statement).execute(database);
  await sql`with moved as (delete from ${waiting} where ts >= ${from} and ts < ${to} returning *)
    insert into ${partition} select * from moved`.execute(database);
  await sql`alter table ${table} attach partition ${partition} for values from (${from}) to (${to})`.execute(database);
}

/** When the partitions of a table begin. */
async function listPartitions(database: Database, of: HistoryTable): Promise<number[]> {
  const { rows } = await sql<{ name: string }>`
    select child.relname as name from pg_inherits join pg_class as child on child.oid = inhrelid
    where inhparent = ${of.table}::regclass`.execute(database);
  return rows.flatMap(({ name }) => {
    const day = /_p(\d{4})(\d\d)(\d\d)$/.exec(name);
    return day ? [Date.UTC(Number(day[1]), Number(day[2]) - 1, Number(day[3]))] : [];
  });
}

async function startsInDefault(
  database: Database,
  of: HistoryTable,
  oldestMs: number,
  nowMs: number,
): Promise<number[]> {
  const { rows } = await sql<{ day: Date }>`
    select distinct date_bin('1 day', ts, timestamptz 'epoch') as day from ${sql.table(`${of.table}_default`)}
    where ts >= ${new Date(oldestMs)} and ts <= ${new Date(nowMs)}`.execute(database);
  return rows.map(({ day }) => startOf(day.getTime(), of.days * DAY_MS));
}

function startOf(ms: number, lengthMs: number): number {
  return Math.floor(ms / lengthMs) * lengthMs;
}

function nameOf({ table }: HistoryTable, startMs: number): string {
  return `${table}_p${new Date(startMs).toISOString().slice(0, 10).replaceAll('-', '')}`;
}
