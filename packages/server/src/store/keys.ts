/**
 * Keys that sign tokens and seal secrets, shared by all processes of the system through the database, by whose clock
 * they come and go:
 *
 *     created_at ── known to all ──▶ used_from ── signs, seals ──▶ used_from of the next ── accepted ──▶ retires_at
 */
import { sql } from 'kysely';
import type { FreshKey, Key, KeyKind } from '../domain/key.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';

/** All keys that are accepted, newest first. */
export async function listKeys(database: Database): Promise<Key[]> {
  return await database
    .selectFrom('keys')
    .select(['id', 'kind', 'secret', sql<boolean>`used_from <= now()`.as('isUsed')])
    .where((where) => where.or([where('retires_at', 'is', null), where('retires_at', '>', sql<Date>`now()`)]))
    .orderBy('used_from', 'desc')
    .orderBy('id')
    .execute();
}

/** Ids of the signing keys that are void before their time. */
export async function listVoidKeys(database: Database): Promise<string[]> {
  const rows = await database.selectFrom('keys').select('id').where('voided_at', 'is not', null).execute();
  return rows.map(({ id }) => id);
}

/** Makes the first key of a kind when there is none, once, however many processes ask. */
export async function ensureKey(database: Database, kind: KeyKind, fresh: () => FreshKey): Promise<void> {
  await locked(database, async (transaction) => {
    const key = await transaction.selectFrom('keys').select('id').where('kind', '=', kind).limit(1).executeTakeFirst();
    if (!key)
      await transaction
        .insertInto('keys')
        .values({ ...fresh(), kind })
        .execute();
  });
}

/** When the newest key of a kind is used from, and when those before it end. */
export interface Rotation {
  readonly id: string;
  readonly usedFrom: Date;
  /** False when a rotation was under way already: nothing was done. */
  readonly isNew: boolean;
}

/**
 * Adds a key that is used `announceSeconds` from now. While one is announced, nothing happens: rotations don't pile up.
 * @param acceptSeconds how long the keys before it are accepted from then on; undefined: until somebody deletes them
 */
export async function rotateKey(
  database: Database,
  kind: KeyKind,
  fresh: FreshKey,
  { announceSeconds, acceptSeconds }: { announceSeconds: number; acceptSeconds: number | undefined },
): Promise<Rotation> {
  return await locked(database, async (transaction) => {
    const announced = await transaction
      .selectFrom('keys')
      .select(['id', 'used_from as usedFrom'])
      .where('kind', '=', kind)
      .where('used_from', '>', sql<Date>`now()`)
      .executeTakeFirst();
    if (announced) return { ...announced, isNew: false };
    if (acceptSeconds !== undefined)
      await transaction
        .updateTable('keys')
        .set({ retires_at: sql<Date>`now() + make_interval(secs => ${announceSeconds + acceptSeconds})` })
        .where('kind', '=', kind)
        .where('retires_at', 'is', null)
        .execute();
    const { usedFrom } = await transaction
      .insertInto('keys')
      .values({ ...fresh, kind, used_from: sql<Date>`now() + make_interval(secs => ${announceSeconds})` })
      .returning('used_from as usedFrom')
      .executeTakeFirstOrThrow();
    return { id: fresh.id, usedFrom, isNew: true };
  });
}

/** Replaces all signing keys at once: every token and every sign-in is void. The void keys are remembered, not their secrets. */
export async function replaceSigningKeys(database: Database, fresh: FreshKey): Promise<void> {
  await locked(database, async (transaction) => {
    await transaction
      .updateTable('keys')
      .set({ secret: '', retires_at: sql<Date>`now()`, voided_at: sql<Date>`coalesce(voided_at, now())` })
      .where('kind', '=', 'signing')
      .execute();
    await transaction
      .insertInto('keys')
      .values({ ...fresh, kind: 'signing' })
      .execute();
    await transaction
      .updateTable('logins')
      .set({ revoked_at: sql<Date>`now()` })
      .where('revoked_at', 'is', null)
      .execute();
  });
}

/** How old the newest key of a kind is. */
export async function keyAgeSeconds(database: Database, kind: KeyKind): Promise<number> {
  const { age } = await database
    .selectFrom('keys')
    .select(sql<number>`extract(epoch from now() - max(used_from))::float8`.as('age'))
    .where('kind', '=', kind)
    .executeTakeFirstOrThrow();
  return age;
}

/** Deletes keys that are past their time; void ones stay known for as long as a token of theirs could have lived. */
export async function deleteRetiredKeys(database: Database, tokenSeconds: number): Promise<number> {
  const { numDeletedRows } = await database
    .deleteFrom('keys')
    .where('retires_at', '<', sql<Date>`now()`)
    .where((where) =>
      where.or([
        where('voided_at', 'is', null),
        where('voided_at', '<', sql<Date>`now() - make_interval(secs => ${tokenSeconds})`),
      ]),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/**
 * Deletes the sealing keys before `currentId`, once nothing is sealed by them any more and `settledSeconds` have passed
 * since it is used: another process may have sealed with an old one until then.
 */
export async function deleteOldSealingKeys(
  database: Database,
  currentId: string,
  settledSeconds: number,
): Promise<number> {
  const { rows } = await sql`
    delete from keys using keys as current
    where current.id = ${currentId} and current.kind = 'sealing' and keys.kind = 'sealing'
      and keys.used_from < current.used_from and current.used_from < now() - make_interval(secs => ${settledSeconds})
    returning keys.id`.execute(database);
  return rows.length;
}

async function locked<T>(database: Database, run: (transaction: Database) => Promise<T>): Promise<T> {
  return await inTransaction(database, async (transaction) => {
    await sql`lock table keys in share row exclusive mode`.execute(transaction);
    return await run(transaction);
  });
}
