/** Cursors of lists that are ordered by time and id: opaque to clients, exact to the microsecond. */
import { LovelyError } from '../errors.ts';

export interface Page<T> {
  readonly items: T[];
  readonly next: string | null;
}

/** `at` is PostgreSQL's own text of the time. */
export function encodeCursor(at: string, id: string): string {
  return Buffer.from(`${at}|${id}`).toString('base64url');
}

export function decodeCursor(cursor: string): { at: string; id: string } {
  const [at, id] = Buffer.from(cursor, 'base64url').toString().split('|');
  if (!at || !id || !isTime(at) || !ID.test(id))
    throw new LovelyError('bad-input', 'The cursor is not one of ours; start again without it.', {
      pointer: '/cursor',
    });
  return { at, id };
}

const TIME = /^(\d{4})-(\d\d)-(\d\d) ([01]\d|2[0-3])(:[0-5]\d){2}(\.\d{1,6})?[+-](0\d|1[0-4])(:[0-5]\d)?$/;
export const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether PostgreSQL takes this for a time; a day that no calendar has is an error to it. */
export function isTime(text: string): boolean {
  const [, year = 0, month = 0, day = 0] = TIME.exec(text)?.map(Number) ?? [];
  const date = new Date(Date.UTC(year, month - 1, day));
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
