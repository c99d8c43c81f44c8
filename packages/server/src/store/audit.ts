/** The audit log: appended to, never changed; each entry is chained to the one before by its hash. */
import { chainHash, CHAIN_START, type AuditEntry } from '../domain/audit.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';

/** Adds an entry to a tenant's chain. Entries of a tenant wait for each other, so it comes last in a transaction. */
export async function appendAudit(database: Database, tenantId: string, entry: AuditEntry): Promise<void> {
  await inTransaction(database, async (transaction) => {
    await transaction
      .insertInto('audit_heads')
      .values({
        tenant_id: tenantId,
        position: 0,
        hash: CHAIN_START,
        first_position: 1,
        hash_before_first: CHAIN_START,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const head = await transaction
      .selectFrom('audit_heads')
      .select(['position', 'hash'])
      .where('tenant_id', '=', tenantId)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const position = head.position + 1;
    const hash = chainHash(head.hash, position, entry);
    await transaction
      .insertInto('audit_entries')
      .values({
        tenant_id: tenantId,
        position,
        id: entry.id,
        at: entry.at,
        actor: JSON.stringify(entry.actor),
        action: entry.action,
        object: JSON.stringify(entry.object),
        result: entry.result,
        address: entry.address,
        change: entry.change === null ? null : JSON.stringify(entry.change),
        details: JSON.stringify(entry.details),
        hash,
      })
      .execute();
    await transaction.updateTable('audit_heads').set({ position, hash }).where('tenant_id', '=', tenantId).execute();
  });
}
