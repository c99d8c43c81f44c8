/** Keys that sign tokens, shared by all processes of the system through the database. */
import { sql } from 'kysely';
import type { Database } from './store.ts';

export interface SigningKey {
  readonly id: string;
  /** PKCS #8 PEM. */
  readonly privateKey: string;
}

/** All signing keys, newest first; `fresh` makes the first when there is none, once, however many processes ask. */
export async function listSigningKeys(database: Database, fresh: () => SigningKey): Promise<SigningKey[]> {
  return await database.transaction().execute(async (transaction) => {
    await sql`lock table signing_keys in share row exclusive mode`.execute(transaction);
    const keys = await transaction
      .selectFrom('signing_keys')
      .select(['id', 'private_key as privateKey'])
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .execute();
    if (keys.length > 0) return keys;
    const { id, privateKey } = fresh();
    await transaction.insertInto('signing_keys').values({ id, private_key: privateKey }).execute();
    return [{ id, privateKey }];
  });
}
