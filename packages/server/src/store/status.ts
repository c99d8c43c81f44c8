/** Status: what devices reported, idempotent on device and message id, and the last value of every metric. */
import { sql } from 'kysely';
import type { Metric } from '@lovely/api';
import type { StatusReport } from '@lovely/protocol';
import type { Scalar } from './schema.ts';
import type { Database, Store } from './store.ts';

export interface StatusMessage {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly messageId: number;
  readonly reports: readonly StatusReport[];
}

interface Value {
  readonly deviceId: string;
  readonly source: string;
  readonly metric: string;
  readonly value: Scalar;
  readonly tsMs: number;
}

/** A gateway's clock may run ahead by this much before its times are replaced by ours. */
const CLOCK_AHEAD_MS = 60_000;

/**
 * Stores a batch in one transaction of two statements. A message that was stored before changes nothing, one of a
 * device that is gone is dropped. Rows are written in key order, so that two batches can't deadlock.
 */
export async function storeStatus(store: Store, messages: readonly StatusMessage[], nowMs: number): Promise<void> {
  const values = latestValues(messages, nowMs + CLOCK_AHEAD_MS, nowMs);
  await store.database.transaction().execute(async (transaction) => {
    await sql`
      insert into status_messages (device_id, message_id, tenant_id, reports)
      select new.device_id, new.message_id, devices.tenant_id, new.reports
      from unnest(${messages.map((message) => message.deviceId)}::uuid[], ${messages.map((message) => message.messageId)}::bigint[],
        ${messages.map((message) => JSON.stringify(message.reports))}::jsonb[]) as new(device_id, message_id, reports)
      join devices on devices.id = new.device_id
      order by 1, 2
      on conflict do nothing`.execute(transaction);
    await sql`
      insert into status_values as known (device_id, source, metric, tenant_id, value, ts)
      select new.device_id, new.source, new.metric, devices.tenant_id, new.value, new.ts
      from unnest(${values.map((value) => value.deviceId)}::uuid[], ${values.map((value) => value.source)}::text[],
        ${values.map((value) => value.metric)}::text[], ${values.map((value) => JSON.stringify(value.value))}::jsonb[],
        ${values.map((value) => new Date(value.tsMs))}::timestamptz[]) as new(device_id, source, metric, value, ts)
      join devices on devices.id = new.device_id
      order by 1, 2, 3
      on conflict (device_id, source, metric) do update set value = excluded.value, ts = excluded.ts, received_at = now()
        where excluded.ts >= known.ts`.execute(transaction);
  });
}

/** The newest value of each metric in a batch; a time in the future counts as now. */
function latestValues(messages: readonly StatusMessage[], latestMs: number, nowMs: number): Value[] {
  const latest = new Map<string, Value>();
  for (const { deviceId, reports } of messages)
    for (const { ts, source, values } of reports) {
      const tsMs = ts > latestMs ? nowMs : ts;
      for (const metric in values) {
        const key = `${deviceId} ${metric} ${source}`;
        const known = latest.get(key);
        if (!known || known.tsMs <= tsMs) latest.set(key, { deviceId, source, metric, value: values[metric]!, tsMs });
      }
    }
  return [...latest.values()];
}

/** The last value of every metric of a device and its sensors, by source and name. */
export async function listStatusValues(database: Database, tenantId: string, deviceId: string): Promise<Metric[]> {
  const rows = await database
    .selectFrom('status_values')
    .select(['source', 'metric as name', 'value', 'ts'])
    .where('tenant_id', '=', tenantId)
    .where('device_id', '=', deviceId)
    .orderBy('source')
    .orderBy('metric')
    .execute();
  return rows.map((row) => ({ ...row, value: row.value, ts: row.ts.toISOString() }));
}

/** Deletes what was received longer ago; last values and alerts stay, only that they were told is forgotten. */
export async function deleteOldMessages(
  { database }: Store,
  table: 'status_messages' | 'alert_messages',
  retentionHours: number,
): Promise<void> {
  await database
    .deleteFrom(table)
    .where('received_at', '<', sql<Date>`now() - make_interval(hours => ${retentionHours})`)
    .execute();
}
