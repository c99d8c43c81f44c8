/** How often sign-ins failed lately, for all processes alike and across restarts. The rules: domain/sign-in-delay.ts. */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { beginTry, endWell, takeBack, type SignInCount, type SignInDecision } from '../domain/sign-in-delay.ts';
import { SIGN_IN_FORGET_SECONDS, SIGN_IN_PROVED_SECONDS } from '../limits.ts';
import type { Database } from './store.ts';

/** Whom and where a try is about. */
export interface SignInKey {
  readonly email: string;
  /** `neighbourOf` of the address. */
  readonly neighbour: string;
}

const EVERYWHERE = '';

export interface BegunSignIn {
  /** To wait; 0 when it may go on. */
  readonly seconds: number;
  /** Somebody has signed in to this account from there of late. */
  readonly isKnown: boolean;
}

/** Counts a try as failed until `settleSignIn` says otherwise. */
export async function beginSignIn(database: Database, key: SignInKey): Promise<BegunSignIn> {
  return await withCounts(database, key, (here, everywhere, nowMs) => {
    const decision: SignInDecision = beginTry(here, everywhere, nowMs);
    if (decision.kind === 'refuse') return { result: { seconds: decision.seconds, isKnown: false }, counts: undefined };
    return { result: { seconds: 0, isKnown: decision.isKnown }, counts: [decision.here, decision.everywhere] };
  });
}

/** The try that was begun turned out to be right, or to be none. */
export async function settleSignIn(database: Database, key: SignInKey, outcome: 'right' | 'none'): Promise<void> {
  await withCounts(database, key, (here, everywhere, nowMs) => ({
    result: undefined,
    counts: outcome === 'right' ? endWell(here, everywhere, nowMs) : takeBack(here, everywhere),
  }));
}

export async function deleteOldSignInAttempts(database: Database): Promise<void> {
  await sql`delete from sign_in_attempts
    where coalesce(failed_at, '-infinity') < now() - make_interval(secs => ${SIGN_IN_FORGET_SECONDS})
    and coalesce(proved_at, '-infinity') < now() - make_interval(secs => ${SIGN_IN_PROVED_SECONDS})`.execute(database);
}

interface Row {
  neighbour: string;
  failures: number;
  failed_at: Date | null;
  refused_until: Date | null;
  proved_at: Date | null;
  now: Date;
}

/** Both rows of a key, locked in a fixed order, and written again where `change` says how. The clock is PostgreSQL's. */
async function withCounts<T>(
  database: Database,
  { email, neighbour }: SignInKey,
  change: (
    here: SignInCount,
    everywhere: SignInCount,
    nowMs: number,
  ) => { result: T; counts: readonly [SignInCount, SignInCount] | undefined },
): Promise<T> {
  const hash = createHash('sha256').update(email.toLowerCase()).digest();
  return await database.transaction().execute(async (transaction) => {
    await sql`insert into sign_in_attempts (email_hash, neighbour) values (${hash}, ${EVERYWHERE}), (${hash}, ${neighbour})
      on conflict do nothing`.execute(transaction);
    await sql`select from sign_in_attempts where email_hash = ${hash} and neighbour in (${EVERYWHERE}, ${neighbour})
      order by neighbour for update`.execute(transaction);
    // Once more, for what they say and what time it is now that nobody else holds them.
    const { rows } =
      await sql<Row>`select neighbour, failures, failed_at, refused_until, proved_at, clock_timestamp() as now
      from sign_in_attempts where email_hash = ${hash} and neighbour in (${EVERYWHERE}, ${neighbour})`.execute(
        transaction,
      );
    const here = rows.find((row) => row.neighbour === neighbour)!;
    const everywhere = rows.find((row) => row.neighbour === EVERYWHERE)!;
    const { result, counts } = change(toCount(here), toCount(everywhere), here.now.getTime());
    if (counts)
      for (const [place, count] of [
        [neighbour, counts[0]],
        [EVERYWHERE, counts[1]],
      ] as const)
        await transaction
          .updateTable('sign_in_attempts')
          .set({
            failures: count.failures,
            failed_at: toDate(count.failedAtMs),
            refused_until: toDate(count.refusedUntilMs),
            proved_at: toDate(count.provedAtMs),
          })
          .where('email_hash', '=', hash)
          .where('neighbour', '=', place)
          .execute();
    return result;
  });
}

function toCount({ failures, failed_at, refused_until, proved_at }: Row): SignInCount {
  return {
    failures,
    failedAtMs: failed_at?.getTime() ?? null,
    refusedUntilMs: refused_until?.getTime() ?? null,
    provedAtMs: proved_at?.getTime() ?? null,
  };
}

function toDate(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}
