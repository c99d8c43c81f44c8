/** Keys that sign tokens and seal secrets, shared by all processes of the system through the database. */
import { sql } from 'kysely';
import type { Database } from './store.ts';

export type KeyKind = 'signing' | 'sealing';

/** A key that nobody has stored yet. */
export interface FreshKey {
  readonly id: string;
  /** PKCS #8 PEM of a signing key, 32 bytes in Base64 of a sealing key. */
  readonly secret: string;
}

export interface Key extends FreshKey {
  readonly kind: KeyKind;
  /** False for a key that is announced: accepted already, used later. By the database's clock. */
  readonly isUsed: boolean;
}

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

/** Makes the first key of a kind when there is none, once, however many processes ask. */
export async function ensureKey(database: Database, kind: KeyKind, fresh: () => FreshKey): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await sql`lock table keys in share row exclusive mode`.execute(transaction);
    const key = await transaction.selectFrom('keys').select('id').where('kind', '=', kind).limit(1).executeTakeFirst();
    if (!key)
      await transaction
        .insertInto('keys')
        .values({ ...fresh(), kind })
        .execute();
  });
}
