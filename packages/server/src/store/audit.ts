/** The audit log: appended to, never changed; each entry is chained to the one before by its hash. */
import { sql, type Selectable } from 'kysely';
import type { AuditFilter } from '@lovely/api';
import { chainHash, CHAIN_START, type AuditEntry } from '../domain/audit.ts';
import { AUDIT_BATCH_ENTRIES, AUDIT_FACET_ENTRIES_MAX } from '../limits.ts';
import type { Schema } from './schema.ts';
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

export interface AuditRecord extends AuditEntry {
  readonly position: number;
  readonly hash: Buffer;
}

export interface AuditPage {
  readonly items: AuditRecord[];
  /** The position to go on below; null at the beginning of the log. */
  readonly next: number | null;
}

/** Entries below a position that pass the filter, newest first. */
export async function listAudit(
  database: Database,
  tenantId: string,
  filter: AuditFilter,
  { below, limit }: { below: number | undefined; limit: number },
): Promise<AuditPage> {
  let query = filterAudit(database, tenantId, filter)
    .selectAll()
    .orderBy('position', 'desc')
    .limit(limit + 1);
  if (below !== undefined) query = query.where('position', '<', below);
  const rows = await query.execute();
  const items = rows.slice(0, limit).map(toRecord);
  return { items, next: rows.length > limit ? items.at(-1)!.position : null };
}

/** How many entries pass the filter. */
export async function countAudit(database: Database, tenantId: string, filter: AuditFilter): Promise<number> {
  const { count } = await filterAudit(database, tenantId, filter)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

export interface AuditFacets {
  readonly actors: { readonly id: string; readonly name: string }[];
  readonly actions: string[];
  readonly objectTypes: string[];
}

/** What occurs among the newest entries. */
export async function listAuditFacets(database: Database, tenantId: string): Promise<AuditFacets> {
  const { rows } = await sql<AuditFacets>`
    with newest as (
      select actor, action, object from audit_entries
      where tenant_id = ${tenantId} order by position desc limit ${AUDIT_FACET_ENTRIES_MAX})
    select
      coalesce((select jsonb_agg(jsonb_build_object('id', id, 'name', name) order by name)
        from (select actor->>'id' as id, max(actor->>'name') as name from newest group by 1) of_actor), '[]') as actors,
      coalesce((select jsonb_agg(distinct action) from newest), '[]') as actions,
      coalesce((select jsonb_agg(distinct object->>'type') from newest), '[]') as "objectTypes"`.execute(database);
  return rows[0]!;
}

export interface AuditVerification {
  readonly entries: number;
  /** The first position where the chain doesn't hold; null when it is intact. */
  readonly brokenAt: number | null;
}

/** Computes the chain anew, from the first entry that is kept to its end. */
export async function verifyAudit(database: Database, tenantId: string): Promise<AuditVerification> {
  const head = await database
    .selectFrom('audit_heads')
    .select(['position', 'hash', 'first_position', 'hash_before_first'])
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  if (!head) return { entries: 0, brokenAt: null };
  let before = head.hash_before_first;
  let position = head.first_position;
  while (position <= head.position) {
    const rows = await database
      .selectFrom('audit_entries')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('position', '>=', position)
      .where('position', '<=', head.position)
      .orderBy('position')
      .limit(AUDIT_BATCH_ENTRIES)
      .execute();
    for (const record of rows.map(toRecord)) {
      const hash = chainHash(before, position, record);
      if (record.position !== position || !hash.equals(record.hash))
        return { entries: position - head.first_position, brokenAt: position };
      before = hash;
      position++;
    }
    if (rows.length === 0) break;
  }
  // What was cut off at the end shows in the head.
  const isWhole = position === head.position + 1 && before.equals(head.hash);
  return { entries: position - head.first_position, brokenAt: isWhole ? null : position };
}

/** Deletes entries of a tenant from before a time; the chain goes on from the first that is kept. */
export async function forgetAudit(database: Database, tenantId: string, before: Date): Promise<number> {
  return await inTransaction(database, async (transaction) => {
    const head = await transaction
      .selectFrom('audit_heads')
      .select(['position', 'first_position'])
      .where('tenant_id', '=', tenantId)
      .forUpdate()
      .executeTakeFirst();
    const kept = await transaction
      .selectFrom('audit_entries')
      .select((eb) => eb.fn.min('position').as('position'))
      .where('tenant_id', '=', tenantId)
      .where('at', '>=', before)
      .executeTakeFirst();
    const last = (kept?.position ?? (head?.position ?? 0) + 1) - 1;
    if (!head || last < head.first_position) return 0;
    const { hash } = await transaction
      .selectFrom('audit_entries')
      .select('hash')
      .where('tenant_id', '=', tenantId)
      .where('position', '=', last)
      .executeTakeFirstOrThrow();
    await transaction
      .deleteFrom('audit_entries')
      .where('tenant_id', '=', tenantId)
      .where('position', '<=', last)
      .execute();
    await transaction
      .updateTable('audit_heads')
      .set({ first_position: last + 1, hash_before_first: hash })
      .where('tenant_id', '=', tenantId)
      .execute();
    return last + 1 - head.first_position;
  });
}

function filterAudit(database: Database, tenantId: string, filter: AuditFilter) {
  let query = database.selectFrom('audit_entries').where('tenant_id', '=', tenantId);
  if (filter.actorId) query = query.where(sql`actor->>'id'`, '=', filter.actorId);
  if (filter.action) query = query.where('action', '=', filter.action);
  if (filter.objectType) query = query.where(sql`object->>'type'`, '=', filter.objectType);
  if (filter.objectId) query = query.where(sql`object->>'id'`, '=', filter.objectId);
  if (filter.result) query = query.where('result', filter.result === 'success' ? '=' : '<>', 'success');
  if (filter.since) query = query.where('at', '>=', new Date(filter.since));
  if (filter.until) query = query.where('at', '<', new Date(filter.until));
  for (const word of filter.search?.split(/\s+/).filter(Boolean) ?? [])
    query = query.where(
      sql<string>`(actor->>'name') || ' ' || coalesce(object->>'name', '') || ' ' || address`,
      'ilike',
      `%${word.replace(/[\\%_]/g, '\\$&')}%`,
    );
  return query;
}

function toRecord(row: Selectable<Schema['audit_entries']>): AuditRecord {
  const { tenant_id: _, ...record } = row;
  return record;
}
