/** Optimistic locking: a change names the version that it was made from, and fails when the row has another one now. */
import { sql, type RawBuilder } from 'kysely';
import { LovelyError } from '../errors.ts';

/** A condition for the `where` of an update or deletion; true when no version was named. */
export function isVersion(ifVersion: number | undefined, column = 'version'): RawBuilder<boolean> {
  return ifVersion === undefined ? sql`true` : sql`${sql.ref(column)} = ${ifVersion}`;
}

/** What an update that touched no row means: throws 'changed-meanwhile' when the row is there, else 'not-found'. */
export async function refuseStale(exists: Promise<unknown>): Promise<never> {
  throw new LovelyError((await exists) === undefined ? 'not-found' : 'changed-meanwhile');
}
