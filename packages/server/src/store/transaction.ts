/** Transactions that fit into the one that may be running already. */
import type { Transaction } from 'kysely';
import type { Schema } from './schema.ts';
import type { Database } from './store.ts';

/** Runs `work` in a transaction of its own, or in the one that `database` is. */
export async function inTransaction<T>(
  database: Database,
  work: (transaction: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  if (database.isTransaction) return await work(database as Transaction<Schema>);
  return await database.transaction().execute(work);
}
