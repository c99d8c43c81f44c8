/** Transactions that fit into the one that may be running already. */
import { sql, type Transaction } from 'kysely';
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

/** Runs `work` so that its failure undoes it alone, and not what the transaction did before. Throws what `work` throws. */
export async function inSavepoint<T>(transaction: Database, work: () => Promise<T>): Promise<T> {
  await sql`savepoint one`.execute(transaction);
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await sql`rollback to savepoint one`.execute(transaction);
    throw error;
  }
  await sql`release savepoint one`.execute(transaction);
  return result;
}
