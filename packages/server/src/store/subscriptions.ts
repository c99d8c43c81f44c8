/** What people are told for themselves, and the links by which mail stops. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { AlertMatch, QuietHours, Subscription } from '@lovely/api';
import { LovelyError } from '../errors.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';
import { isVersion } from './version.ts';

export type SubscriptionRecord = Omit<Subscription, 'address' | 'canMail'>;

/** As it is for who never changed it. */
const NONE: SubscriptionRecord = {
  enabled: false,
  match: { severities: [], rules: [], groupIds: [], sensorKinds: [] },
  quietHours: null,
  tellsResolved: true,
  version: 1,
};

const CODE_BYTES = 32;

export async function getSubscription(
  database: Database,
  tenantId: string,
  userId: string,
): Promise<SubscriptionRecord> {
  const row = await database
    .selectFrom('subscriptions')
    .select(['enabled', 'match', 'quiet_hours as quietHours', 'tells_resolved as tellsResolved', 'version'])
    .where('tenant_id', '=', tenantId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row ?? NONE;
}

/** Throws 'changed-meanwhile'. */
export async function updateSubscription(
  database: Database,
  tenantId: string,
  userId: string,
  patch: {
    readonly enabled?: boolean | undefined;
    readonly match?: AlertMatch | undefined;
    readonly quietHours?: QuietHours | null | undefined;
    readonly tellsResolved?: boolean | undefined;
  },
  ifVersion: number | undefined,
): Promise<void> {
  await inTransaction(database, async (transaction) => {
    await transaction
      .insertInto('subscriptions')
      .values({ user_id: userId, tenant_id: tenantId, quiet_hours: null })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const { match, quietHours } = patch;
    const changed = await transaction
      .updateTable('subscriptions')
      .set({
        ...(patch.enabled === undefined ? {} : { enabled: patch.enabled }),
        ...(match === undefined ? {} : { match: JSON.stringify(match) }),
        ...(quietHours === undefined ? {} : { quiet_hours: quietHours && JSON.stringify(quietHours) }),
        ...(patch.tellsResolved === undefined ? {} : { tells_resolved: patch.tellsResolved }),
        version: sql<number>`version + 1`,
      })
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId)
      .where(isVersion(ifVersion))
      .returning('user_id')
      .executeTakeFirst();
    if (!changed) throw new LovelyError('changed-meanwhile');
  });
}

/** The code of the link by which mail to this address stops: the same in every mail. */
export async function stopCodeOf(
  database: Database,
  tenantId: string,
  address: string,
  userId: string | null,
): Promise<string> {
  const { rows } = await sql<{ code: string }>`
    insert into notification_addresses (tenant_id, address, code, user_id)
    values (${tenantId}, ${address.toLowerCase()}, ${randomBytes(CODE_BYTES).toString('base64url')}, ${userId})
    on conflict (tenant_id, address) do update set user_id = excluded.user_id
    returning code`.execute(database);
  return rows[0]!.code;
}

/** What came of following such a link; undefined for a code that nobody has. */
export async function stopByCode(
  database: Database,
  code: string,
): Promise<{ readonly tenantId: string; readonly address: string; readonly userId: string | null } | undefined> {
  return await inTransaction(database, async (transaction) => {
    const { rows } = await sql<{ tenantId: string; address: string; userId: string | null }>`
      update notification_addresses set stopped_at = case when user_id is null then coalesce(stopped_at, now()) end
      where code = ${code} returning tenant_id as "tenantId", address, user_id as "userId"`.execute(transaction);
    const [stopped] = rows;
    if (stopped?.userId)
      await sql`update subscriptions set enabled = false, version = version + 1
        where user_id = ${stopped.userId} and enabled`.execute(transaction);
    return stopped;
  });
}
