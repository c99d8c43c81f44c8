/**
 * The orders that devices are listed in, each read from an index page by page (migrations/0007-http.ts): a cursor holds
 * the columns of the last row as PostgreSQL writes them, exact to the microsecond, and the next page begins behind it.
 */
import { sql, type RawBuilder } from 'kysely';
import type { Health } from '@lovely/api';
import { LovelyError } from '../errors.ts';
import { ID, isTime } from './cursor.ts';

export type DeviceSort = 'createdAt' | 'name' | 'health' | 'connectionChangedAt';

/** The column `health_rank`: worst first. */
export const HEALTH_RANKS: Readonly<Record<Health, number>> = {
  critical: 0,
  offline: 1,
  warning: 2,
  ok: 3,
  unknown: 4,
};

type ColumnKind = keyof typeof KINDS;

interface Order {
  readonly columns: readonly (readonly [name: string, kind: ColumnKind])[];
  readonly direction: 'asc' | 'desc';
}

const KINDS = {
  timestamptz: isTime,
  uuid: (text: string) => ID.test(text),
  smallint: (text: string) => /^\d$/.test(text),
  text: (text: string) => !text.includes('\0'),
} as const;

const ORDERS: Readonly<Record<DeviceSort, Order>> = {
  createdAt: {
    columns: [
      ['devices.created_at', 'timestamptz'],
      ['devices.id', 'uuid'],
    ],
    direction: 'desc',
  },
  name: {
    columns: [
      ['devices.name_key', 'text'],
      ['devices.id', 'uuid'],
    ],
    direction: 'asc',
  },
  health: {
    columns: [
      ['devices.health_rank', 'smallint'],
      ['devices.name_key', 'text'],
      ['devices.id', 'uuid'],
    ],
    direction: 'asc',
  },
  connectionChangedAt: {
    columns: [
      ['presence.changed_at', 'timestamptz'],
      ['presence.device_id', 'uuid'],
    ],
    direction: 'desc',
  },
};

/** What a list in this order selects, asks for, and is sorted by. */
export function deviceOrder(sort: DeviceSort, wanted?: 'asc' | 'desc') {
  const { columns, direction: usual } = ORDERS[sort];
  const direction = wanted ?? usual;
  const names = columns.map(([name]) => sql.ref(name));
  return {
    key: sql<string[]>`array[${sql.join(names.map((name) => sql`${name}::text`))}]`,
    by: sql`${sql.join(names.map((name) => sql`${name} ${sql.raw(direction)}`))}`,
    /** Whether a row is in the order at all. */
    reach: (tenantId: string): RawBuilder<boolean> =>
      sort === 'connectionChangedAt' ? sql`presence.tenant_id = ${tenantId}::uuid` : sql`true`,
    after(cursor: string): RawBuilder<boolean> {
      const values = decode(cursor, sort, columns);
      const row = columns.map(([, kind], at) => sql`${values[at]}::${sql.raw(kind)}`);
      return sql`(${sql.join(names)}) ${direction === 'asc' ? sql`>` : sql`<`} (${sql.join(row)})`;
    },
    cursor: (key: readonly string[]): string => Buffer.from(JSON.stringify([sort, ...key])).toString('base64url'),
  };
}

function decode(cursor: string, sort: DeviceSort, columns: Order['columns']): string[] {
  try {
    const [of, ...values] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    const fits = (value: unknown, at: number): boolean =>
      typeof value === 'string' && columns[at] !== undefined && KINDS[columns[at][1]](value);
    if (of === sort && values.length === columns.length && values.every(fits)) return values as string[];
  } catch {
    // Told below, as what else isn't one of ours.
  }
  throw new LovelyError('bad-input', 'The cursor is not one of this list and order; start again without it.', {
    pointer: '/query/cursor',
  });
}

/** Whether the word is the device's id, or begins a word of it. Both ends are plain comparisons, which indexes serve. */
export function hasWord(tenantId: string, word: string): RawBuilder<boolean> {
  if (ID.test(word)) return sql`devices.id = ${word}::uuid`;
  return sql`exists (select from device_words where device_words.device_id = devices.id
    and device_words.tenant_id = ${tenantId}::uuid and device_words.word >= ${word} and device_words.word < ${word + LAST})`;
}

/** Above every text that begins with the same letters. */
export const LAST = '\u{10ffff}';
