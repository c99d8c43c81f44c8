/**
 * Idempotency-Key on POST (draft-ietf-httpapi-idempotency-key-header): the same person sending the same request with the
 * same key again gets the first answer again, for a day, and nothing is done twice. The answer is kept in the transaction of
 * the change, so that there is one exactly when the change was made, and sealed, because it may hold what is shown once.
 */
import { createHash } from 'node:crypto';
import { LovelyError } from '../errors.ts';
import { IDEMPOTENCY_KEY_LENGTH_MAX } from '../limits.ts';
import type { Seal } from '../seal.ts';
import { findKeptAnswer, keepAnswer, takeKey, type IdempotencyKey } from '../store/idempotency.ts';
import type { Database } from '../store/store.ts';
import type { Person } from './context.ts';

/** One request that may come again. */
export interface Repeatable {
  /** The answer that was given already, as JSON. Throws 'idempotency-key-reused' when the request was another one. */
  findAnswer(): Promise<string | undefined>;
  /** Makes the change at most once. Throws 'idempotency-key-in-use' when the same request is on its way. */
  once<T>(transaction: Database, make: () => Promise<T>): Promise<T>;
}

/** Undefined for a request without a key. Throws 'bad-request' for a key that can't be one. */
export function repeatable(seal: Seal, person: Person, request: Request, body: unknown): Repeatable | undefined {
  const header = request.headers.get('idempotency-key');
  if (header === null || request.method !== 'POST') return undefined;
  const of: IdempotencyKey = { tenantId: person.tenantId, userId: person.user.id, key: readKey(header) };
  const { pathname, search } = new URL(request.url);
  const hash = createHash('sha256')
    .update(JSON.stringify([request.method, pathname, search, body ?? null]))
    .digest();
  const purpose = `idempotency-key/${of.userId}/${of.key}`;
  return {
    async findAnswer() {
      const kept = await findKeptAnswer(person.database, of);
      if (!kept) return undefined;
      if (!hash.equals(kept.requestHash)) throw new LovelyError('idempotency-key-reused');
      return seal.open(purpose, kept.sealedAnswer);
    },
    async once(transaction, make) {
      if (!(await takeKey(transaction, of, hash)))
        throw new LovelyError('idempotency-key-in-use', undefined, { retryAfterSeconds: 1 });
      const result = await make();
      await keepAnswer(transaction, of, seal.seal(purpose, JSON.stringify(result ?? null)));
      return result;
    },
  };
}

/** A string of structured fields, as the draft wants it, or the bare characters that most programs send. */
function readKey(header: string): string {
  const key = /^"([!#-[\]-~]+)"$|^([!#-+\--[\]-~]+)$/.exec(header)?.slice(1).find(Boolean);
  if (key === undefined || key.length > IDEMPOTENCY_KEY_LENGTH_MAX)
    throw new LovelyError(
      'bad-request',
      `Idempotency-Key: up to ${IDEMPOTENCY_KEY_LENGTH_MAX} visible characters, best a UUID.`,
    );
  return key;
}
