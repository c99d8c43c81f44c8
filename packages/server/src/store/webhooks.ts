/** Webhooks of a tenant: whom to tell of what. */
import { sql, type UpdateObject } from 'kysely';
import type { Webhook, WebhookEvent } from '@lovely/api';
import { LovelyError } from '../errors.ts';
import { WEBHOOKS_MAX } from '../limits.ts';
import type { Schema } from './schema.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';
import { isVersion, refuseStale } from './version.ts';

/** The webhooks, oldest first. */
export async function listWebhooks(database: Database, tenantId: string): Promise<Webhook[]> {
  const rows = await selectWebhooks(database, tenantId).orderBy('created_at').orderBy('id').execute();
  return rows.map(toWebhook);
}

/** Throws 'not-found'. */
export async function getWebhook(database: Database, tenantId: string, id: string): Promise<Webhook> {
  const row = await selectWebhooks(database, tenantId).where('id', '=', id).executeTakeFirst();
  if (!row) throw new LovelyError('not-found');
  return toWebhook(row);
}

/** Throws 'limit-reached'. @param secret sealed */
export async function insertWebhook(
  database: Database,
  tenantId: string,
  webhook: { id: string; name: string; url: string; events: WebhookEvent[]; enabled: boolean; secret: string },
): Promise<void> {
  await inTransaction(database, async (transaction) => {
    // Two that are made at the same time wait for each other, or both would be the last that fits.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`webhooks ${tenantId}`}, 0))`.execute(transaction);
    const { count } = await transaction
      .selectFrom('webhooks')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow();
    if (count >= WEBHOOKS_MAX) throw new LovelyError('limit-reached', `There are ${WEBHOOKS_MAX} webhooks already.`);
    await transaction
      .insertInto('webhooks')
      .values({ ...webhook, tenant_id: tenantId })
      .execute();
  });
}

/** Enabling forgets the failures before. Throws 'not-found' or 'changed-meanwhile'. */
export async function updateWebhook(
  database: Database,
  tenantId: string,
  id: string,
  patch: {
    readonly name?: string | undefined;
    readonly url?: string | undefined;
    readonly events?: WebhookEvent[] | undefined;
    readonly enabled?: boolean | undefined;
  },
  ifVersion: number | undefined,
): Promise<void> {
  const anew = patch.enabled === true || patch.url !== undefined;
  await change(database, tenantId, id, ifVersion, {
    ...(patch.name === undefined ? {} : { name: patch.name }),
    ...(patch.url === undefined ? {} : { url: patch.url }),
    ...(patch.events === undefined ? {} : { events: patch.events }),
    ...(patch.enabled === undefined ? {} : { enabled: patch.enabled, disabled_reason: null }),
    ...(anew ? { failures: 0, failing_since: null, paused_until: null } : {}),
  });
}

/** The secret before signs beside the new one for a while. @param secret sealed */
export async function replaceWebhookSecret(
  database: Database,
  tenantId: string,
  id: string,
  secret: string,
  overlapHours: number,
  ifVersion: number | undefined,
): Promise<void> {
  await change(database, tenantId, id, ifVersion, {
    secret,
    old_secret: overlapHours > 0 ? sql<string>`secret` : null,
    old_secret_until: overlapHours > 0 ? sql<Date>`now() + make_interval(hours => ${overlapHours})` : null,
  });
}

/** Throws 'not-found' or 'changed-meanwhile'. */
export async function deleteWebhook(
  database: Database,
  tenantId: string,
  id: string,
  ifVersion: number | undefined,
): Promise<void> {
  const deleted = await database
    .deleteFrom('webhooks')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where(isVersion(ifVersion))
    .returning('id')
    .executeTakeFirst();
  if (!deleted) await refuseStale(exists(database, tenantId, id));
}

async function change(
  database: Database,
  tenantId: string,
  id: string,
  ifVersion: number | undefined,
  changes: UpdateObject<Schema, 'webhooks'>,
): Promise<void> {
  const changed = await database
    .updateTable('webhooks')
    .set({ ...changes, version: sql<number>`version + 1`, updated_at: sql<Date>`now()` })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where(isVersion(ifVersion))
    .returning('id')
    .executeTakeFirst();
  if (!changed) await refuseStale(exists(database, tenantId, id));
}

function exists(database: Database, tenantId: string, id: string): Promise<unknown> {
  return database
    .selectFrom('webhooks')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
}

function selectWebhooks(database: Database, tenantId: string) {
  return database
    .selectFrom('webhooks')
    .select([
      'id',
      'name',
      'url',
      'events',
      'enabled',
      'disabled_reason as disabledReason',
      'failing_since as failingSince',
      sql<Date | null>`case when paused_until > now() then paused_until end`.as('pausedUntil'),
      sql<Date | null>`case when old_secret_until > now() then old_secret_until end`.as('oldSecretUntil'),
      'delivered_at as deliveredAt',
      'version',
      'created_at as createdAt',
      'updated_at as updatedAt',
      sql<number>`(select count(*) from webhook_deliveries
        where webhook_deliveries.webhook_id = webhooks.id and webhook_deliveries.state = 'waiting')`.as('waiting'),
    ])
    .where('tenant_id', '=', tenantId);
}

type Row = Awaited<ReturnType<ReturnType<typeof selectWebhooks>['executeTakeFirstOrThrow']>>;

function toWebhook(row: Row): Webhook {
  return {
    ...row,
    failingSince: row.failingSince?.toISOString() ?? null,
    pausedUntil: row.pausedUntil?.toISOString() ?? null,
    oldSecretUntil: row.oldSecretUntil?.toISOString() ?? null,
    deliveredAt: row.deliveredAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
