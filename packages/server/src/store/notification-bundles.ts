/** Bundles of alerts that are told of as one thing: which alerts they hold, and when to plan their messages. */
import { randomUUID } from 'node:crypto';
import { sql, type RawBuilder } from 'kysely';
import type { DeviceGroup } from '../domain/device-scope.ts';
import type { AlertFacts, BundlePlan, BundleState } from '../domain/notification-plan.ts';
import { inGroup } from './device-filter.ts';
import type { Database } from './store.ts';

/** The tenants with alerts that nobody has looked at yet. */
export async function listTenantsWithChanges(database: Database): Promise<string[]> {
  const { rows } = await sql<{ tenantId: string }>`
    select distinct tenant_id as "tenantId" from notification_changes`.execute(database);
  return rows.map(({ tenantId }) => tenantId);
}

/**
 * Takes the oldest alerts that changed, some more than `alertsMax` at most; they are back if the transaction fails. Of
 * several workers, one at a time works for a tenant: the others get nothing.
 */
export async function takeChanges(transaction: Database, tenantId: string, alertsMax: number): Promise<string[]> {
  const { rows: locks } = await sql<{ locked: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${`notifications ${tenantId}`}, 0)) as locked`.execute(
    transaction,
  );
  if (!locks[0]!.locked) return [];
  const { rows } = await sql<{ alertIds: string[] }>`
    delete from notification_changes where id in (
      select id from (
        select id, cardinality(alert_ids) as own, sum(cardinality(alert_ids)) over (order by id) as total
        from (select id, alert_ids from notification_changes where tenant_id = ${tenantId} order by id limit ${alertsMax}) as oldest) as summed
      where total - own < ${alertsMax})
    returning alert_ids as "alertIds"`.execute(transaction);
  return [...new Set(rows.flatMap(({ alertIds }) => alertIds))];
}

export type ChangedAlert = AlertFacts & { readonly isOpen: boolean };

/** What the alerts are now, and which of these groups their houses are in. */
export async function loadAlertFacts(
  database: Database,
  tenantId: string,
  alertIds: readonly string[],
  groups: readonly DeviceGroup[],
): Promise<ChangedAlert[]> {
  const { rows } = await sql<Omit<ChangedAlert, 'groupIds'> & { isIn: boolean[] }>`
    select alerts.id, alerts.rule, alerts.severity, alerts.closed_at is null as "isOpen", alerts.incident_id as "incidentId",
      coalesce(sensors.kind, 'gateway') as "sensorKind", ${membership(groups)} as "isIn"
    from alerts join devices on devices.id = alerts.device_id
    left join sensors on sensors.device_id = alerts.device_id and sensors.id = alerts.source
    where alerts.tenant_id = ${tenantId} and alerts.id = any(${[...alertIds]}::uuid[])`.execute(database);
  return rows.map(({ isIn, ...row }) => ({ ...row, groupIds: memberOf(groups, isIn) }));
}

/** The same of an alert that there isn't; undefined when there is no such device. */
export async function loadHouseFacts(
  database: Database,
  tenantId: string,
  { deviceId, source }: { readonly deviceId: string; readonly source: string },
  groups: readonly DeviceGroup[],
): Promise<Pick<AlertFacts, 'sensorKind' | 'groupIds'> | undefined> {
  const { rows } = await sql<{ sensorKind: string; isIn: boolean[] }>`
    select coalesce(sensors.kind, 'gateway') as "sensorKind", ${membership(groups)} as "isIn"
    from devices left join sensors on sensors.device_id = devices.id and sensors.id = ${source}
    where devices.tenant_id = ${tenantId} and devices.id = ${deviceId}`.execute(database);
  const [row] = rows;
  return row && { sensorKind: row.sensorKind, groupIds: memberOf(groups, row.isIn) };
}

function membership(groups: readonly DeviceGroup[]): RawBuilder<boolean[]> {
  return groups.length === 0 ? sql`'{}'::boolean[]` : sql`array[${sql.join(groups.map(inGroup))}]`;
}

function memberOf(groups: readonly DeviceGroup[], isIn: readonly boolean[]): Set<string> {
  return new Set(groups.filter((_, at) => isIn[at]).map(({ id }) => id));
}

/** A bundle that alerts may still join. */
export interface AcceptingBundle {
  readonly id: string;
  /** Null for the subscriptions. */
  readonly policyId: string | null;
  readonly key: string;
}

export async function listAcceptingBundles(
  database: Database,
  tenantId: string,
  keys: readonly string[],
  now: Date,
): Promise<AcceptingBundle[]> {
  const { rows } = await sql<AcceptingBundle>`
    select id, policy_id as "policyId", key from notification_bundles
    where tenant_id = ${tenantId} and closed_at is null and (policy_id is not null or is_subscription)
      and (accepts_until is null or accepts_until > ${now}) and key = any(${[...keys]}::text[])
    order by opened_at`.execute(database);
  return rows;
}

/** In which open bundles these alerts are already. */
export async function listBundlesOfAlerts(
  database: Database,
  tenantId: string,
  alertIds: readonly string[],
): Promise<{ readonly alertId: string; readonly bundleId: string; readonly policyId: string | null }[]> {
  const { rows } = await sql<{ alertId: string; bundleId: string; policyId: string | null }>`
    select member.alert_id as "alertId", bundle.id as "bundleId", bundle.policy_id as "policyId"
    from notification_bundle_alerts as member join notification_bundles as bundle on bundle.id = member.bundle_id
    where member.alert_id = any(${[...alertIds]}::uuid[]) and member.tenant_id = ${tenantId} and bundle.closed_at is null`.execute(
    database,
  );
  return rows;
}

export interface NewBundle {
  readonly id: string;
  readonly policyId: string | null;
  readonly key: string;
  readonly rule: string;
  readonly acceptsUntil: Date | null;
  readonly nextAt: Date;
}

export function newBundle(bundle: Omit<NewBundle, 'id'>): NewBundle {
  return { id: randomUUID(), ...bundle };
}

export async function insertBundles(
  transaction: Database,
  tenantId: string,
  bundles: readonly NewBundle[],
  now: Date,
): Promise<void> {
  if (bundles.length === 0) return;
  await sql`insert into notification_bundles (id, tenant_id, policy_id, is_subscription, key, rule, opened_at, accepts_until, next_at)
    select id, ${tenantId}::uuid, policy_id, policy_id is null, key, rule, ${now}::timestamptz, accepts_until, next_at
    from unnest(${bundles.map(({ id }) => id)}::uuid[], ${bundles.map(({ policyId }) => policyId)}::uuid[],
      ${bundles.map(({ key }) => key)}::text[], ${bundles.map(({ rule }) => rule)}::text[],
      ${bundles.map((bundle) => bundle.acceptsUntil)}::timestamptz[], ${bundles.map(({ nextAt }) => nextAt)}::timestamptz[])
      as made(id, policy_id, key, rule, accepts_until, next_at)`.execute(transaction);
}

export async function addToBundles(
  transaction: Database,
  tenantId: string,
  members: readonly { readonly bundleId: string; readonly alertId: string }[],
  now: Date,
): Promise<void> {
  if (members.length === 0) return;
  await sql`insert into notification_bundle_alerts (bundle_id, alert_id, tenant_id, added_at)
    select bundle_id, alert_id, ${tenantId}::uuid, ${now}::timestamptz
    from unnest(${members.map(({ bundleId }) => bundleId)}::uuid[], ${members.map(({ alertId }) => alertId)}::uuid[])
      as member(bundle_id, alert_id)
    on conflict do nothing`.execute(transaction);
}

/** Has bundles planned anew: soon, but not again and again while thousands of alerts come. */
export async function touchBundles(
  transaction: Database,
  tenantId: string,
  bundleIds: ReadonlySet<string>,
  { now, pauseMs }: { readonly now: Date; readonly pauseMs: number },
): Promise<void> {
  if (bundleIds.size === 0) return;
  await sql`update notification_bundles set next_at = least(next_at, greatest(${now}::timestamptz, planned_at + make_interval(secs => ${pauseMs / 1000})))
    where tenant_id = ${tenantId} and id = any(${[...bundleIds].toSorted()}::uuid[]) and closed_at is null and planned_at is not null`.execute(
    transaction,
  );
}

/** A bundle that becomes critical may break through quiet hours at once. */
export async function markCritical(
  transaction: Database,
  tenantId: string,
  bundleIds: ReadonlySet<string>,
  now: Date,
): Promise<void> {
  if (bundleIds.size === 0) return;
  await sql`update notification_bundles set is_critical = true, next_at = case when planned_at is null then next_at else ${now} end
    where tenant_id = ${tenantId} and id = any(${[...bundleIds].toSorted()}::uuid[]) and not is_critical`.execute(
    transaction,
  );
}

export type DueBundle = BundleState & {
  readonly id: string;
  readonly tenantId: string;
  /** Null for the subscriptions, and where the policy is gone. */
  readonly policyId: string | null;
  readonly isSubscription: boolean;
  readonly rule: string;
  readonly messages: number;
};

/** The bundles whose time has come, with what is true of their alerts now; no other worker gets them meanwhile. */
export async function lockDueBundles(transaction: Database, now: Date, limit: number): Promise<DueBundle[]> {
  const { rows } = await sql<DueBundle>`
    with due as (select * from notification_bundles where closed_at is null and next_at <= ${now}
      order by next_at limit ${limit} for update skip locked)
    select due.id, due.tenant_id as "tenantId", due.policy_id as "policyId", due.is_subscription as "isSubscription", due.rule,
      due.is_critical as "isCritical", due.told_at as "toldAt", due.last_told_at as "lastToldAt", due.reminded_at as "remindedAt",
      due.green_at as "greenAt", due.step, due.messages, now_is.open_since as "openSince", now_is.new_since as "newSince",
      now_is.is_waiting as "isWaiting"
    from due cross join lateral (
      select min(member.added_at) filter (where alerts.closed_at is null) as open_since,
        max(member.added_at) filter (where alerts.closed_at is null and member.added_at > due.last_told_at) as new_since,
        coalesce(bool_or(alerts.state = 'open'), false) as is_waiting
      from notification_bundle_alerts as member join alerts on alerts.id = member.alert_id
      where member.bundle_id = due.id) as now_is
    order by due.next_at`.execute(transaction);
  return rows;
}

export async function saveBundlePlan(
  transaction: Database,
  { id, messages }: Pick<DueBundle, 'id' | 'messages'>,
  { changes, isClosed, nextAt, messages: planned }: BundlePlan,
  now: Date,
): Promise<void> {
  await transaction
    .updateTable('notification_bundles')
    .set({
      ...(changes.greenAt === undefined ? {} : { green_at: changes.greenAt }),
      ...(changes.toldAt === undefined ? {} : { told_at: changes.toldAt }),
      ...(changes.lastToldAt === undefined ? {} : { last_told_at: changes.lastToldAt }),
      ...(changes.remindedAt === undefined ? {} : { reminded_at: changes.remindedAt }),
      ...(changes.step === undefined ? {} : { step: changes.step }),
      messages: messages + planned.length,
      planned_at: now,
      next_at: isClosed ? null : nextAt,
      closed_at: isClosed ? now : null,
    })
    .where('id', '=', id)
    .execute();
}

/** Leaves a bundle alone for a while that could not be planned. */
export async function postponeBundle(transaction: Database, id: string, until: Date): Promise<void> {
  await transaction.updateTable('notification_bundles').set({ next_at: until }).where('id', '=', id).execute();
}

/** Deletes bundles that ended some days ago, with what was told of them; so many at a time that nobody waits. */
export async function deleteOldBundles(database: Database, days: number): Promise<void> {
  for (;;) {
    const { rows } = await sql`delete from notification_bundles where id in (
      select id from notification_bundles where closed_at < now() - make_interval(days => ${days}) limit ${DELETED_AT_ONCE})
      returning id`.execute(database);
    if (rows.length < DELETED_AT_ONCE) break;
  }
  await sql`delete from notifications where bundle_id is null and created_at < now() - make_interval(days => ${days})`.execute(
    database,
  );
  for (;;) {
    const { rows } = await sql`delete from mails where id in (
      select id from mails where created_at < now() - make_interval(days => ${days}) and state <> 'waiting' limit ${DELETED_AT_ONCE})
      returning id`.execute(database);
    if (rows.length < DELETED_AT_ONCE) break;
  }
}

const DELETED_AT_ONCE = 1000;
