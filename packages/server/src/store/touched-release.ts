/** The release that a new artifact becomes part of. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { LovelyError } from '../errors.ts';
import { ARTIFACTS_OF_RELEASE_MAX } from '../software-limits.ts';
import type { Database } from './store.ts';

/** Makes the release of this name if there is none, and has it be the newest. Throws 'limit-reached'. */
export async function touchRelease(database: Database, tenantId: string, name: string): Promise<string> {
  const { id } = await database
    .insertInto('releases')
    .values({ id: randomUUID(), tenant_id: tenantId, name })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'name']).doUpdateSet({ updated_at: sql`now()` }))
    .returning('id')
    .executeTakeFirstOrThrow();
  const { count } = await database
    .selectFrom('artifacts')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('release_id', '=', id)
    .executeTakeFirstOrThrow();
  if (count >= ARTIFACTS_OF_RELEASE_MAX)
    throw new LovelyError('limit-reached', `A release has at most ${ARTIFACTS_OF_RELEASE_MAX} artifacts.`);
  return id;
}
