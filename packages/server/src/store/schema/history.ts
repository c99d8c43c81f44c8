/** History of metrics, partitioned by time. */
import type { Generated, JSONColumnType } from 'kysely';
import type { RolledUpValues, StoredValues } from '../../domain/history.ts';
import type { Time } from './columns.ts';

interface HistoryTable<Values extends object> {
  tenant_id: string;
  device_id: string;
  source: string;
  /** When it was measured, or the beginning of its 5 minutes or hour. */
  ts: Time;
  values: JSONColumnType<Values>;
  /** The transaction that wrote the row. */
  written: Generated<number>;
}

export interface HistoryTables {
  status_history: HistoryTable<StoredValues>;
  status_history_5min: HistoryTable<RolledUpValues>;
  status_history_1h: HistoryTable<RolledUpValues>;
  history_marks: { source_table: string; rolled_up_to: number };
  deleted_histories: { device_id: string; tenant_id: string; deleted_at: Time };
}
