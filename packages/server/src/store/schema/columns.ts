/** Column types that every table file uses. */
import type { ColumnType } from 'kysely';

export type Time = ColumnType<Date, Date | string | undefined, Date | string>;
/** Counts the changes that people made to a row, for optimistic locking. */
export type Version = ColumnType<number, number | undefined, unknown>;
