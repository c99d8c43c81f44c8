/** Deliveries of webhooks: made by triggers (migrations/0009-webhooks.ts), listed and replayed by people, tried by workers. */
import { sql } from 'kysely';
import { WEBHOOK_TEST_EVENT, type Delivery, type DeliveryDetail } from '@lovely/api';
import { LovelyError } from '../errors.ts';
import { WEBHOOK_REPLAYS_MAX } from '../limits.ts';
import { decodeCursor, encodeCursor, type Page } from './cursor.ts';
import type { Database } from './store.ts';

const DELETED_AT_ONCE = 5000;

/** Deliveries of a webhook, newest first. */
export async function listDeliveries(
  database: Database,
  tenantId: string,
  webhookId: string,
  {
    state,
    cursor,
    limit,
  }: { readonly state?: Delivery['state'] | undefined; readonly cursor?: string | undefined; readonly limit: number },
): Promise<Page<Delivery>> {
  let query = selectDeliveries(database, tenantId, webhookId)
    .select(sql<string>`created_at::text`.as('cursorAt'))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (state !== undefined) query = query.where('state', '=', state);
  if (cursor !== undefined) {
    const { at, id } = decodeCursor(cursor);
    query = query.where(sql<boolean>`(created_at, id) < (${at}::timestamptz, ${id}::uuid)`);
  }
  const rows = await query.execute();
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    items: rows.slice(0, limit).map(toDelivery),
    next: last ? encodeCursor(last.cursorAt, last.id) : null,
  };
}

/** Throws 'not-found'. */
export async function getDelivery(
  database: Database,
  tenantId: string,
  webhookId: string,
  id: string,
): Promise<DeliveryDetail> {
  const row = await selectDeliveries(database, tenantId, webhookId)
    .select('payload')
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw new LovelyError('not-found');
  const { payload, ...rest } = row;
  return { ...toDelivery(rest), payload };
}

/** A delivery that nothing has happened for; workers try it once, whether the webhook is enabled or not. */
export async function insertTestDelivery(
  database: Database,
  tenantId: string,
  webhookId: string,
  data: object,
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into webhook_deliveries (tenant_id, webhook_id, event, payload)
    values (${tenantId}, ${webhookId}, ${WEBHOOK_TEST_EVENT}, webhook_payload(${WEBHOOK_TEST_EVENT}, ${JSON.stringify(data)}::jsonb))
    returning id`.execute(database);
  return rows[0]!.id;
}

/** Sends one again, as if it was new but for its id. Throws 'not-found'. */
export async function replayDelivery(
  database: Database,
  tenantId: string,
  webhookId: string,
  id: string,
): Promise<void> {
  const { rows } = await sql`
    update webhook_deliveries set state = 'waiting', tries_from = now(), next_attempt_at = now()
    where tenant_id = ${tenantId} and webhook_id = ${webhookId} and id = ${id} returning id`.execute(database);
  if (rows.length === 0) throw new LovelyError('not-found');
}

/** Sends all that failed and were made since a time again, the oldest first where there are too many. Returns how many. */
export async function replayFailed(
  database: Database,
  tenantId: string,
  webhookId: string,
  since: Date,
): Promise<number> {
  const { rows } = await sql`
    update webhook_deliveries set state = 'waiting', tries_from = now(), next_attempt_at = now()
    where tenant_id = ${tenantId} and id in (
      select id from webhook_deliveries
      where tenant_id = ${tenantId} and webhook_id = ${webhookId} and state = 'failed' and created_at >= ${since}
      order by created_at limit ${WEBHOOK_REPLAYS_MAX} for update)
    returning id`.execute(database);
  return rows.length;
}

/** What a worker needs to try a delivery. */
export interface Claim {
  readonly id: string;
  readonly tenantId: string;
  readonly webhookId: string;
  readonly event: Delivery['event'];
  readonly payload: string;
  /** This try among them. */
  readonly attempts: number;
  /** How long the delivery has been tried. */
  readonly triedMs: number;
  readonly url: string;
  readonly secret: string;
  /** Signs too; null when its time is over. */
  readonly oldSecret: string | null;
}

/**
 * Takes deliveries that are due, so that no other worker does: they are due again after `lostMs` unless somebody settles
 * them before. The oldest come first, of each webhook a few, so that no receiver waits for another one's backlog.
 * @param busy webhooks and tenants of which enough is under way
 */
export async function claimDeliveries(
  database: Database,
  {
    limit,
    perWebhook,
    perTenant,
    lostMs,
    busy,
  }: {
    readonly limit: number;
    readonly perWebhook: number;
    readonly perTenant: number;
    readonly lostMs: number;
    readonly busy: { readonly webhookIds: readonly string[]; readonly tenantIds: readonly string[] };
  },
): Promise<Claim[]> {
  const { rows } = await sql<Claim>`
    with due as (
      select id from (select delivery.id, delivery.next_attempt_at,
          row_number() over (partition by webhooks.tenant_id order by delivery.next_attempt_at) as rank
        from webhooks cross join lateral (
        select id, next_attempt_at from webhook_deliveries
        where webhook_id = webhooks.id and state = 'waiting' and next_attempt_at <= now()
          and (webhooks.enabled and (webhooks.paused_until is null or webhooks.paused_until <= now()) or event = ${WEBHOOK_TEST_EVENT})
        order by next_attempt_at limit ${perWebhook} for update skip locked) as delivery
      where not webhooks.id = any(${[...busy.webhookIds]}::uuid[]) and not webhooks.tenant_id = any(${[...busy.tenantIds]}::uuid[])) as ranked
      where rank <= ${perTenant} order by next_attempt_at limit ${limit})
    update webhook_deliveries as delivery
    set attempts = attempts + 1, attempted_at = now(), next_attempt_at = now() + make_interval(secs => ${lostMs / 1000})
    from due, webhooks where delivery.id = due.id and webhooks.id = delivery.webhook_id
    returning delivery.id, delivery.tenant_id as "tenantId", delivery.webhook_id as "webhookId", delivery.event, delivery.payload,
      delivery.attempts, (extract(epoch from now() - delivery.tries_from) * 1000)::float8 as "triedMs", webhooks.url, webhooks.secret,
      case when webhooks.old_secret_until > now() then webhooks.old_secret end as "oldSecret"`.execute(database);
  return rows;
}

/** What came of a try. */
export interface Outcome {
  readonly status: number | null;
  /** Null: it succeeded. */
  readonly error: string | null;
  readonly durationMs: number;
  readonly responseExcerpt: string | null;
}

/**
 * Writes down what came of a try.
 * @param retryMs when a failed one is tried again; undefined: never
 */
export async function settleDelivery(
  database: Database,
  { id, attempts }: Pick<Claim, 'id' | 'attempts'>,
  outcome: Outcome,
  retryMs: number | undefined,
): Promise<void> {
  const state: Delivery['state'] = outcome.error === null ? 'delivered' : retryMs === undefined ? 'failed' : 'waiting';
  const next =
    state === 'waiting' ? sql<Date>`now() + make_interval(secs => ${retryMs! / 1000})` : sql<Date | null>`null`;
  await database
    .updateTable('webhook_deliveries')
    .set({
      state,
      next_attempt_at: next,
      status: outcome.status,
      error: outcome.error,
      duration_ms: outcome.durationMs,
      response_excerpt: outcome.responseExcerpt,
    })
    .where('id', '=', id)
    // One that was taken for lost or replayed meanwhile has another try of its own.
    .where('attempts', '=', attempts)
    .execute();
}

/** Gives a try back that was not made to its end. */
export async function returnDelivery(
  database: Database,
  { id, attempts }: Pick<Claim, 'id' | 'attempts'>,
): Promise<void> {
  await sql`update webhook_deliveries set attempts = attempts - 1, next_attempt_at = now()
    where id = ${id} and attempts = ${attempts}`.execute(database);
}

export async function noteWebhookSuccess(database: Database, webhookId: string): Promise<void> {
  await sql`update webhooks set failures = 0, failing_since = null, paused_until = null, delivered_at = now()
    where id = ${webhookId}`.execute(database);
}

/** Counts a failure; from `failuresBeforeRest` on the webhook rests, twice as long each time, up to `restMaxMs`. */
export async function noteWebhookFailure(
  database: Database,
  webhookId: string,
  { failuresBeforeRest, restMaxMs }: { readonly failuresBeforeRest: number; readonly restMaxMs: number },
): Promise<void> {
  await sql`update webhooks set failures = failures + 1, failing_since = coalesce(failing_since, now()),
      paused_until = case when failures + 1 >= ${failuresBeforeRest}
        then now() + make_interval(secs => least(${restMaxMs / 1000}, 2.0 ^ least(failures + 1 - ${failuresBeforeRest}, 30))) end
    where id = ${webhookId}`.execute(database);
}

/** Disables webhooks that have failed at every try since long ago, or whose receiver is too far behind. Returns their ids. */
export async function disableDeadWebhooks(
  database: Database,
  { deadMs, waitingMax }: { readonly deadMs: number; readonly waitingMax: number },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with dead as (
      select id, case when failing_since < now() - make_interval(secs => ${deadMs / 1000})
          then 'Every delivery has failed since ' || webhook_time(failing_since) || '.'
          else 'More than ${sql.raw(String(waitingMax))} deliveries were waiting: the receiver is too slow.' end as reason
      from webhooks where enabled and (failing_since < now() - make_interval(secs => ${deadMs / 1000}) or
        (select count(*) from (select from webhook_deliveries where webhook_id = webhooks.id and state = 'waiting'
          limit ${waitingMax + 1}) as waiting) > ${waitingMax})),
    disabled as (
      update webhooks set enabled = false, disabled_reason = dead.reason, version = version + 1, updated_at = now()
      from dead where webhooks.id = dead.id returning webhooks.id),
    given_up as (
      update webhook_deliveries set state = 'failed', next_attempt_at = null, error = coalesce(error, 'The webhook was disabled.')
      from disabled where webhook_id = disabled.id and state = 'waiting')
    select id from disabled`.execute(database);
  return rows.map(({ id }) => id);
}

/** Deletes deliveries that are older than some days, longer than any is tried; so many at a time that nobody waits. */
export async function deleteOldDeliveries(database: Database, days: number): Promise<void> {
  for (;;) {
    const { rows } = await sql`
      delete from webhook_deliveries where id in (
        select id from webhook_deliveries where created_at < now() - make_interval(days => ${days}) limit ${DELETED_AT_ONCE})
      returning id`.execute(database);
    if (rows.length < DELETED_AT_ONCE) return;
  }
}

function selectDeliveries(database: Database, tenantId: string, webhookId: string) {
  return database
    .selectFrom('webhook_deliveries')
    .select([
      'id',
      'event',
      'state',
      'attempts',
      'created_at as createdAt',
      'attempted_at as attemptedAt',
      'next_attempt_at as nextAttemptAt',
      'status',
      'error',
      'duration_ms as durationMs',
      'response_excerpt as responseExcerpt',
    ])
    .where('tenant_id', '=', tenantId)
    .where('webhook_id', '=', webhookId);
}

type Row = Awaited<ReturnType<ReturnType<typeof selectDeliveries>['executeTakeFirstOrThrow']>>;

function toDelivery(row: Row): Delivery {
  const { id, event, state, attempts, status, error, durationMs, responseExcerpt } = row;
  return {
    id,
    event,
    state,
    attempts,
    status,
    error,
    durationMs,
    responseExcerpt,
    createdAt: row.createdAt.toISOString(),
    attemptedAt: row.attemptedAt?.toISOString() ?? null,
    nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
  };
}
