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
  if (!at || !id || !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?[+-]\d\d(:\d\d)?$/.test(at) || !/^[0-9a-f-]{36}$/.test(id))
    throw new LovelyError('bad-input', 'The cursor is not one of ours; start again without it.', {
      pointer: '/cursor',
    });
  return { at, id };
}
