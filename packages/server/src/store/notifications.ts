/** Messages to recipients about bundles of alerts: planned, written when they are due, and kept as the log of who was told. */
import { randomUUID } from 'node:crypto';
import { sql, type RawBuilder } from 'kysely';
import type { AlertMatch, Notification, NotificationKind } from '@lovely/api';
import type { Addressee } from '../domain/audience.ts';
import type { AlertExample, BundleFacts } from '../domain/bundle-facts.ts';
import type { DeviceGroup, DeviceScope } from '../domain/device-scope.ts';
import { LovelyError } from '../errors.ts';
import { ALERT_NOTIFICATIONS_MAX } from '../limits.ts';
import { decodeCursor, encodeCursor, type Page } from './cursor.ts';
import { inGroup, withinScope } from './device-filter.ts';
import type { Database } from './store.ts';

export interface NewNotification {
  readonly bundleId: string | null;
  readonly number: number;
  readonly kind: NotificationKind;
  readonly policyId: string | null;
  readonly policyName: string | null;
  readonly to: Pick<Addressee, 'key' | 'name' | 'userId' | 'webhookId' | 'address' | 'channel' | 'hindrance'>;
  readonly dueAt: Date;
}

/** What can't reach anybody is in the log as skipped, with the reason. */
export async function insertNotifications(
  transaction: Database,
  tenantId: string,
  made: readonly NewNotification[],
  now: Date,
): Promise<void> {
  for (let at = 0; at < made.length; at += INSERTED_AT_ONCE)
    await insertSome(transaction, tenantId, made.slice(at, at + INSERTED_AT_ONCE), now);
}

/** A statement takes 65,535 parameters at most, and a row is made of 17. */
const INSERTED_AT_ONCE = 1000;

async function insertSome(
  transaction: Database,
  tenantId: string,
  made: readonly NewNotification[],
  now: Date,
): Promise<void> {
  await transaction
    .insertInto('notifications')
    .values(
      made.map(({ bundleId, number, kind, policyId, policyName, to, dueAt }) => ({
        id: randomUUID(),
        tenant_id: tenantId,
        bundle_id: bundleId,
        number,
        kind,
        policy_id: policyId,
        policy_name: policyName,
        recipient_key: to.key,
        recipient: to.name,
        user_id: to.userId,
        webhook_id: to.webhookId,
        address: to.address,
        channel: to.channel,
        state: to.hindrance === null ? ('waiting' as const) : ('skipped' as const),
        reason: to.hindrance ?? (dueAt > now ? 'Held by quiet hours.' : null),
        due_at: dueAt,
        created_at: now,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Whom messages of a bundle have reached, by their keys. */
export async function listTold(database: Database, tenantId: string, bundleId: string): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ key: string }>`
    select distinct recipient_key as key from notifications
    where tenant_id = ${tenantId} and bundle_id = ${bundleId} and told_at is not null`.execute(database);
  return new Set(rows.map(({ key }) => key));
}

export interface DueNotification {
  readonly id: string;
  readonly tenantId: string;
  readonly bundleId: string | null;
  readonly kind: NotificationKind;
  readonly policyId: string | null;
  readonly policyName: string | null;
  readonly recipientKey: string;
  /** As the log names them. */
  readonly recipient: string;
  readonly userId: string | null;
  readonly webhookId: string | null;
  readonly address: string | null;
  readonly channel: 'email' | 'webhook';
}

/** Whom anything is due for, who has waited longest first. */
export async function listDueRecipients(
  database: Database,
  now: Date,
  limit: number,
): Promise<{ readonly tenantId: string; readonly recipientKey: string }[]> {
  const { rows } = await sql<{ tenantId: string; recipientKey: string }>`
    select tenant_id as "tenantId", recipient_key as "recipientKey" from notifications
    where state = 'waiting' and due_at <= ${now} group by 1, 2 order by min(due_at) limit ${limit}`.execute(database);
  return rows;
}

/** All that is due for a recipient, oldest first; nothing while another worker writes to the same one. */
export async function lockDueNotifications(
  transaction: Database,
  { tenantId, recipientKey }: { readonly tenantId: string; readonly recipientKey: string },
  now: Date,
  limit: number,
): Promise<DueNotification[]> {
  const { rows: locks } = await sql<{ locked: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${`notifications ${tenantId} ${recipientKey}`}, 0)) as locked`.execute(
    transaction,
  );
  if (!locks[0]!.locked) return [];
  const { rows } = await sql<DueNotification>`
    select id, tenant_id as "tenantId", bundle_id as "bundleId", kind, policy_id as "policyId", policy_name as "policyName",
      recipient_key as "recipientKey", recipient, user_id as "userId", webhook_id as "webhookId", address, channel
    from notifications
    where tenant_id = ${tenantId} and recipient_key = ${recipientKey} and state = 'waiting' and due_at <= ${now}
    order by created_at, number limit ${limit} for update skip locked`.execute(transaction);
  return rows;
}

/** How much later something is due, and why. */
export async function postponeNotifications(
  transaction: Database,
  ids: readonly string[],
  dueAt: Date,
  reason: string,
): Promise<void> {
  await sql`update notifications set due_at = ${dueAt}, reason = ${reason} where id = any(${[...ids]}::uuid[])`.execute(
    transaction,
  );
}

export async function skipNotification(transaction: Database, id: string, reason: string): Promise<void> {
  await sql`update notifications set state = 'skipped', reason = ${reason} where id = ${id}`.execute(transaction);
}

/** What concerns none of the houses or problems that somebody subscribed to is nothing to have in the log. */
export async function deleteNotification(transaction: Database, id: string): Promise<void> {
  await sql`delete from notifications where id = ${id}`.execute(transaction);
}

/** It is written: what it is about counts as told. */
export async function markTold(
  transaction: Database,
  id: string,
  told: {
    readonly subject: string;
    readonly alerts: number;
    readonly mailId: string | null;
    readonly deliveryId: string | null;
  },
  now: Date,
): Promise<void> {
  await transaction
    .updateTable('notifications')
    .set({
      state: told.deliveryId === null ? 'sending' : 'sent',
      reason: null,
      subject: told.subject,
      alerts: told.alerts,
      mail_id: told.mailId,
      delivery_id: told.deliveryId,
      told_at: now,
    })
    .where('id', '=', id)
    .execute();
}

export interface Viewer {
  readonly recipientKey: string;
  readonly scope: DeviceScope;
  /** Whether it matters what the recipient was told before; else everything open counts as fresh. */
  readonly knowsTold: boolean;
  /** Of a subscription: what it is for, with the groups that it names. */
  readonly wanted: { readonly match: AlertMatch; readonly groups: readonly DeviceGroup[] } | null;
}

/** What a message may say; undefined when none of the houses is to be seen, or none of the alerts wanted. */
export async function loadBundleFacts(
  database: Database,
  tenantId: string,
  bundleId: string,
  { recipientKey, scope, wanted, knowsTold }: Viewer,
  examplesMax: number,
): Promise<BundleFacts | undefined> {
  // One hash of what is known, and not a look-up for each of a hundred thousand alerts.
  const known = knowsTold
    ? sql`left join (select distinct other.alert_id from notification_bundle_alerts as other
        join (select bundle_id, max(told_at) as at from notifications
          where tenant_id = ${tenantId} and recipient_key = ${recipientKey} and told_at is not null group by bundle_id) as told
        on told.bundle_id = other.bundle_id and other.added_at <= told.at) as known on known.alert_id = alerts.id`
    : sql``;
  // A constant can't be sorted by.
  const isTold = knowsTold ? sql`(known.alert_id is not null)` : sql`(alerts.id is null)`;
  const seen = sql`notification_bundle_alerts as member join alerts on alerts.id = member.alert_id
      join devices on devices.id = alerts.device_id ${known}
    where member.bundle_id = ${bundleId} and member.tenant_id = ${tenantId} and ${withinScope(scope)} and ${isWanted(wanted)}`;
  const { rows } = await sql<Omit<BundleFacts, 'examples'>>`
    with counted as (
      select count(*) as alerts, count(distinct alerts.device_id) as houses,
        count(*) filter (where alerts.closed_at is null) as open, count(*) filter (where alerts.state = 'open') as waiting,
        count(*) filter (where alerts.closed_at is null and not ${isTold}) as fresh,
        case when bool_or(alerts.severity = 'critical') then 'critical' else 'warning' end as severity,
        min(alerts.opened_at) as first_opened_at, max(alerts.closed_at) as last_closed_at,
        max(alerts.incident_id::text)::uuid as incident_id
      from ${seen})
    select bundle.rule, coalesce(rules.title, bundle.rule) as title, counted.severity, coalesce(rules.cause, '') as cause,
      coalesce(rules.suggestion, '{}') as suggestion, coalesce(incidents.place, '') as place, counted.incident_id as "incidentId",
      counted.alerts, counted.houses, counted.open, counted.waiting, counted.fresh,
      counted.first_opened_at as "firstOpenedAt", counted.last_closed_at as "lastClosedAt"
    from counted join notification_bundles as bundle on bundle.id = ${bundleId}
      left join rules on rules.tenant_id = bundle.tenant_id and rules.key = bundle.rule
      left join incidents on incidents.id = counted.incident_id and incidents.tenant_id = bundle.tenant_id
    where counted.alerts > 0`.execute(database);
  const [facts] = rows;
  if (!facts) return undefined;
  const { rows: examples } = await sql<AlertExample>`
    select alerts.id, devices.id as "deviceId", devices.name as "deviceName", devices.address as "deviceAddress", alerts.source,
      alerts.severity, alerts.description, alerts.values, alerts.opened_at as "openedAt", alerts.closed_at as "closedAt"
    from ${seen}
    order by alerts.closed_at is not null, ${isTold}, alerts.severity, member.added_at desc, alerts.id limit ${examplesMax}`.execute(
    database,
  );
  return { ...facts, examples };
}

/** Whether a recipient was told anything of this rule that may still be so: then it matters what. */
export async function wasToldOfRule(
  database: Database,
  tenantId: string,
  bundleId: string,
  recipientKey: string,
): Promise<boolean> {
  const { rows } = await sql`
    select from notification_bundles as this
      join notification_bundles as other on other.tenant_id = this.tenant_id and other.rule = this.rule
        and (other.closed_at is null or other.closed_at > this.opened_at)
      join notifications on notifications.bundle_id = other.id
    where this.id = ${bundleId} and this.tenant_id = ${tenantId} and notifications.recipient_key = ${recipientKey}
      and notifications.told_at is not null limit 1`.execute(database);
  return rows.length > 0;
}

/** `matches` of domain/notification-plan.ts as a condition on `alerts` and `devices`; a test holds them together. */
function isWanted(wanted: Viewer['wanted']): RawBuilder<boolean> {
  if (wanted === null) return sql`true`;
  const { severities, rules, groupIds, sensorKinds } = wanted.match;
  const conditions: RawBuilder<boolean>[] = [];
  if (severities.length > 0) conditions.push(sql`alerts.severity = any(${severities}::text[])`);
  if (rules.length > 0) conditions.push(sql`alerts.rule = any(${rules}::text[])`);
  if (sensorKinds.length > 0)
    conditions.push(sql`coalesce((select kind from sensors where sensors.device_id = alerts.device_id and sensors.id = alerts.source),
      'gateway') = any(${sensorKinds}::text[])`);
  if (groupIds.length > 0)
    conditions.push(
      wanted.groups.length === 0 ? sql`false` : sql`(${sql.join(wanted.groups.map(inGroup), sql` or `)})`,
    );
  return conditions.length === 0 ? sql`true` : sql`(${sql.join(conditions, sql` and `)})`;
}

/** The body of `alert.notified`: written where the message is, so that it is told if, and only if, that is committed. */
export async function insertNotifiedDelivery(
  transaction: Database,
  tenantId: string,
  webhookId: string,
  data: object,
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into webhook_deliveries (tenant_id, webhook_id, event, payload)
    values (${tenantId}, ${webhookId}, 'alert.notified', webhook_payload('alert.notified', ${JSON.stringify(data)}::jsonb))
    returning id`.execute(transaction);
  return rows[0]!.id;
}

/** The log, newest first. */
export async function listNotifications(
  database: Database,
  tenantId: string,
  filter: {
    readonly state?: Notification['state'] | undefined;
    readonly policyId?: string | undefined;
    readonly userId?: string | undefined;
    readonly cursor?: string | undefined;
    readonly limit: number;
  },
): Promise<Page<Notification>> {
  let query = selectNotifications(database, tenantId).limit(filter.limit + 1);
  if (filter.state !== undefined) query = query.where('notifications.state', '=', filter.state);
  if (filter.policyId !== undefined) query = query.where('notifications.policy_id', '=', filter.policyId);
  if (filter.userId !== undefined) query = query.where('notifications.user_id', '=', filter.userId);
  if (filter.cursor !== undefined) {
    const { at, id } = decodeCursor(filter.cursor);
    query = query.where(sql<boolean>`(notifications.created_at, notifications.id) < (${at}::timestamptz, ${id}::uuid)`);
  }
  const rows = await query.execute();
  const last = rows.length > filter.limit ? rows[filter.limit - 1] : undefined;
  return {
    items: rows.slice(0, filter.limit).map(toNotification),
    next: last ? encodeCursor(last.cursorAt, last.id) : null,
  };
}

/** Who was told of an alert, newest first. Throws 'not-found' for one whose house is not in the scope. */
export async function listAlertNotifications(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  alertId: string,
): Promise<{ readonly deviceId: string; readonly items: Notification[] }> {
  const { rows } = await sql<{ deviceId: string }>`
    select devices.id as "deviceId" from alerts join devices on devices.id = alerts.device_id
    where alerts.tenant_id = ${tenantId} and alerts.id = ${alertId} and ${withinScope(scope)}`.execute(database);
  const [alert] = rows;
  if (!alert) throw new LovelyError('not-found');
  const found = await selectNotifications(database, tenantId)
    .where(
      sql<boolean>`notifications.bundle_id in (select bundle_id from notification_bundle_alerts as member
        where member.alert_id = ${alertId} and member.added_at <= notifications.created_at)`,
    )
    .limit(ALERT_NOTIFICATIONS_MAX)
    .execute();
  return { deviceId: alert.deviceId, items: found.map(toNotification) };
}

function selectNotifications(database: Database, tenantId: string) {
  return database
    .selectFrom('notifications')
    .leftJoin('mails', 'mails.id', 'notifications.mail_id')
    .leftJoin('webhook_deliveries as delivery', 'delivery.id', 'notifications.delivery_id')
    .select([
      'notifications.id',
      'notifications.kind',
      sql<
        Notification['state']
      >`case delivery.state when 'waiting' then 'sending' when 'failed' then 'failed' else notifications.state end`.as(
        'state',
      ),
      'notifications.channel',
      'notifications.recipient',
      'notifications.user_id as userId',
      'notifications.policy_id as policyId',
      'notifications.policy_name as policyName',
      'notifications.subject',
      'notifications.alerts',
      sql<string | null>`coalesce(delivery.error, notifications.reason)`.as('reason'),
      sql<number>`coalesce(delivery.attempts, mails.attempts, 0)`.as('attempts'),
      'notifications.created_at as createdAt',
      'notifications.due_at as dueAt',
      sql<Date | null>`case when delivery.state = 'delivered' then delivery.attempted_at else mails.sent_at end`.as(
        'sentAt',
      ),
      sql<string>`notifications.created_at::text`.as('cursorAt'),
    ])
    .where('notifications.tenant_id', '=', tenantId)
    .orderBy('notifications.created_at', 'desc')
    .orderBy('notifications.id', 'desc');
}

type Row = Awaited<ReturnType<ReturnType<typeof selectNotifications>['executeTakeFirstOrThrow']>>;

function toNotification(found: Row): Notification {
  const { cursorAt: _, ...row } = found;
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    dueAt: row.dueAt.toISOString(),
    sentAt: row.sentAt?.toISOString() ?? null,
  };
}
