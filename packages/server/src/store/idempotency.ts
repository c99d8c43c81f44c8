/** Answers that are kept so that a request which was sent twice is carried out once. */
import { sql } from 'kysely';
import { IDEMPOTENCY_KEPT_HOURS, IDEMPOTENCY_WAIT_MS } from '../limits.ts';
import { isLockTimeout } from './errors.ts';
import type { Database } from './store.ts';

/** A key belongs to the person who chose it. */
export interface IdempotencyKey {
  readonly tenantId: string;
  readonly userId: string;
  readonly key: string;
}

export interface KeptAnswer {
  readonly requestHash: Buffer;
  readonly sealedAnswer: string;
}

const kept = sql<boolean>`created_at > now() - make_interval(hours => ${IDEMPOTENCY_KEPT_HOURS})`;

export async function findKeptAnswer(database: Database, of: IdempotencyKey): Promise<KeptAnswer | undefined> {
  return await database
    .selectFrom('idempotency_keys')
    .select(['request_hash as requestHash', 'sealed_answer as sealedAnswer'])
    .where('tenant_id', '=', of.tenantId)
    .where('user_id', '=', of.userId)
    .where('key', '=', of.key)
    .where(kept)
    .executeTakeFirst();
}

/**
 * Takes the key for the transaction that is running, before it does anything else. A request with the same key that runs
 * at the moment is waited for. False when that one has succeeded, or takes too long: then the transaction must end.
 */
export async function takeKey(transaction: Database, of: IdempotencyKey, requestHash: Buffer): Promise<boolean> {
  await sql`set local lock_timeout = ${sql.raw(String(IDEMPOTENCY_WAIT_MS))}`.execute(transaction);
  try {
    const { rows } = await sql`
      insert into idempotency_keys (tenant_id, user_id, key, request_hash, sealed_answer)
      values (${of.tenantId}, ${of.userId}, ${of.key}, ${requestHash}, '')
      on conflict (tenant_id, user_id, key) do update
        set request_hash = excluded.request_hash, sealed_answer = '', created_at = now()
        where not (idempotency_keys.created_at > now() - make_interval(hours => ${IDEMPOTENCY_KEPT_HOURS}))
      returning key`.execute(transaction);
    await sql`set local lock_timeout = 0`.execute(transaction);
    return rows.length > 0;
  } catch (error) {
    if (isLockTimeout(error)) return false;
    throw error;
  }
}

export async function keepAnswer(transaction: Database, of: IdempotencyKey, sealedAnswer: string): Promise<void> {
  await transaction
    .updateTable('idempotency_keys')
    .set({ sealed_answer: sealedAnswer })
    .where('tenant_id', '=', of.tenantId)
    .where('user_id', '=', of.userId)
    .where('key', '=', of.key)
    .execute();
}

export async function deleteOldAnswers(database: Database): Promise<void> {
  await database
    .deleteFrom('idempotency_keys')
    .where(sql<boolean>`not (${kept})`)
    .execute();
}
