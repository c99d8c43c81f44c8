/** Notification policies of a tenant: who is told of which alerts. */
import { sql, type UpdateObject } from 'kysely';
import type { NotificationPolicy } from '@lovely/api';
import { NOTIFICATION_POLICIES_MAX } from '@lovely/api';
import type { OrderedPolicy } from '../domain/notification-plan.ts';
import { LovelyError } from '../errors.ts';
import type { Schema } from './schema.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';
import { isVersion, refuseStale } from './version.ts';

/** What people write of a policy. */
export type PolicyText = Omit<NotificationPolicy, 'id' | 'position' | 'version' | 'createdAt' | 'updatedAt'>;
export type PolicyPatch = { readonly [Member in keyof PolicyText]?: PolicyText[Member] | undefined };

/** In the order in which they are asked. */
export async function listNotificationPolicies(database: Database, tenantId: string): Promise<NotificationPolicy[]> {
  const rows = await selectPolicies(database, tenantId).execute();
  return rows.map(toPolicy);
}

/** Throws 'not-found'. */
export async function getNotificationPolicy(
  database: Database,
  tenantId: string,
  id: string,
): Promise<NotificationPolicy> {
  const row = await selectPolicies(database, tenantId).where('id', '=', id).executeTakeFirst();
  if (!row) throw new LovelyError('not-found');
  return toPolicy(row);
}

/** Makes the last one. Throws 'limit-reached'. */
export async function insertNotificationPolicy(
  database: Database,
  tenantId: string,
  { id, ...policy }: PolicyText & { readonly id: string },
): Promise<void> {
  await inTransaction(database, async (transaction) => {
    await lockOrder(transaction, tenantId);
    const { count, position } = await transaction
      .selectFrom('notification_policies')
      .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.max('position').as('position')])
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow();
    if (count >= NOTIFICATION_POLICIES_MAX)
      throw new LovelyError('limit-reached', `There are ${NOTIFICATION_POLICIES_MAX} notification policies already.`);
    await transaction
      .insertInto('notification_policies')
      .values({
        id,
        tenant_id: tenantId,
        position: (position ?? 0) + 1,
        name: policy.name,
        enabled: policy.enabled,
        match: JSON.stringify(policy.match),
        recipients: JSON.stringify(policy.recipients),
        escalation: JSON.stringify(policy.escalation),
        delay_seconds: policy.delaySeconds,
        bundle_minutes: policy.bundleMinutes,
        repeat_minutes: policy.repeatMinutes,
        quiet_hours: policy.quietHours && JSON.stringify(policy.quietHours),
        tells_resolved: policy.tellsResolved,
        is_last: policy.isLast,
      })
      .execute();
  });
}

/** Throws 'not-found' or 'changed-meanwhile'. */
export async function updateNotificationPolicy(
  database: Database,
  tenantId: string,
  id: string,
  patch: PolicyPatch,
  ifVersion: number | undefined,
): Promise<void> {
  const changed = await database
    .updateTable('notification_policies')
    .set({ ...columnsOf(patch), version: sql<number>`version + 1`, updated_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where(isVersion(ifVersion))
    .returning('id')
    .executeTakeFirst();
  if (!changed) await refuseStale(exists(database, tenantId, id));
}

/** Ends what it tells of. Throws 'not-found' or 'changed-meanwhile'. */
export async function deleteNotificationPolicy(
  database: Database,
  tenantId: string,
  id: string,
  ifVersion: number | undefined,
): Promise<void> {
  await inTransaction(database, async (transaction) => {
    // Bundles before the policy, as whoever plans their messages takes them.
    await sql`update notification_bundles set closed_at = now(), next_at = null
      where tenant_id = ${tenantId} and policy_id = ${id} and closed_at is null`.execute(transaction);
    await sql`update notifications set state = 'skipped', reason = 'The policy was deleted.'
      where tenant_id = ${tenantId} and policy_id = ${id} and state = 'waiting'`.execute(transaction);
    const deleted = await transaction
      .deleteFrom('notification_policies')
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .where(isVersion(ifVersion))
      .returning('id')
      .executeTakeFirst();
    if (!deleted) await refuseStale(exists(transaction, tenantId, id));
  });
}

/** Throws 'bad-input' unless every policy is named once. */
export async function orderNotificationPolicies(
  database: Database,
  tenantId: string,
  ids: readonly string[],
): Promise<void> {
  await inTransaction(database, async (transaction) => {
    await lockOrder(transaction, tenantId);
    const known = await listNotificationPolicies(transaction, tenantId);
    const wanted = new Set(ids);
    if (wanted.size !== ids.length || known.length !== ids.length || known.some(({ id }) => !wanted.has(id)))
      throw new LovelyError('bad-input', 'Name every policy of the tenant once.', { pointer: '/ids' });
    await sql`update notification_policies set position = named.position
      from unnest(${[...ids]}::uuid[]) with ordinality as named(id, position)
      where notification_policies.tenant_id = ${tenantId} and notification_policies.id = named.id`.execute(transaction);
  });
}

/** A policy as plans are made by it. */
export function orderedPolicy(policy: NotificationPolicy): OrderedPolicy {
  return policy;
}

/** Two that change the order at the same time wait for each other. */
async function lockOrder(transaction: Database, tenantId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`notification policies ${tenantId}`}, 0))`.execute(
    transaction,
  );
}

function columnsOf(patch: PolicyPatch): UpdateObject<Schema, 'notification_policies'> {
  const { match, recipients, escalation, quietHours } = patch;
  return {
    ...(patch.name === undefined ? {} : { name: patch.name }),
    ...(patch.enabled === undefined ? {} : { enabled: patch.enabled }),
    ...(match === undefined ? {} : { match: JSON.stringify(match) }),
    ...(recipients === undefined ? {} : { recipients: JSON.stringify(recipients) }),
    ...(escalation === undefined ? {} : { escalation: JSON.stringify(escalation) }),
    ...(patch.delaySeconds === undefined ? {} : { delay_seconds: patch.delaySeconds }),
    ...(patch.bundleMinutes === undefined ? {} : { bundle_minutes: patch.bundleMinutes }),
    ...(patch.repeatMinutes === undefined ? {} : { repeat_minutes: patch.repeatMinutes }),
    ...(quietHours === undefined ? {} : { quiet_hours: quietHours && JSON.stringify(quietHours) }),
    ...(patch.tellsResolved === undefined ? {} : { tells_resolved: patch.tellsResolved }),
    ...(patch.isLast === undefined ? {} : { is_last: patch.isLast }),
  };
}

function exists(database: Database, tenantId: string, id: string): Promise<unknown> {
  return database
    .selectFrom('notification_policies')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
}

function selectPolicies(database: Database, tenantId: string) {
  return database
    .selectFrom('notification_policies')
    .select([
      'id',
      'name',
      'enabled',
      'position',
      'match',
      'recipients',
      'escalation',
      'delay_seconds as delaySeconds',
      'bundle_minutes as bundleMinutes',
      'repeat_minutes as repeatMinutes',
      'quiet_hours as quietHours',
      'tells_resolved as tellsResolved',
      'is_last as isLast',
      'version',
      'created_at as createdAt',
      'updated_at as updatedAt',
    ])
    .where('tenant_id', '=', tenantId)
    .orderBy('position')
    .orderBy('id');
}

type Row = Awaited<ReturnType<ReturnType<typeof selectPolicies>['executeTakeFirstOrThrow']>>;

function toPolicy(row: Row): NotificationPolicy {
  return { ...row, createdAt: row.createdAt.toISOString(), updatedAt: row.updatedAt.toISOString() };
}
