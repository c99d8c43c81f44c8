/** Plans the messages of bundles whose time has come: who is to be told, and when. */
import { audienceOf, personAddressee, type Addressee, type Directory } from '../../domain/audience.ts';
import { planBundle, SUBSCRIPTIONS, type PlannedMessage, type Policy } from '../../domain/notification-plan.ts';
import { heldUntil } from '../../domain/quiet-hours.ts';
import { NOTIFICATION_BUNDLES_MAX, NOTIFICATION_FAILED_REST_MS } from '../../limits.ts';
import { lockDueBundles, postponeBundle, saveBundlePlan, type DueBundle } from '../../store/notification-bundles.ts';
import { listSubscribers, loadDirectory, type Subscriber } from '../../store/notification-directory.ts';
import { listNotificationPolicies } from '../../store/notification-policies.ts';
import { insertNotifications, listTold } from '../../store/notifications.ts';
import type { Database, Store } from '../../store/store.ts';
import { inSavepoint } from '../../store/transaction.ts';

/** Throws what went wrong first, once all bundles had their turn: one that can't be planned keeps no other waiting. */
export async function planNotifications({ database }: Store, now: () => Date): Promise<void> {
  const failures: unknown[] = [];
  for (let count = NOTIFICATION_BUNDLES_MAX; count === NOTIFICATION_BUNDLES_MAX;)
    count = await database.transaction().execute((transaction) => planSome(transaction, now(), failures));
  if (failures.length > 0) throw failures[0];
}

async function planSome(transaction: Database, now: Date, failures: unknown[]): Promise<number> {
  const due = await lockDueBundles(transaction, now, NOTIFICATION_BUNDLES_MAX);
  for (const [tenantId, bundles] of Map.groupBy(due, (bundle) => bundle.tenantId)) {
    const tenant = await loadTenant(transaction, tenantId);
    for (const bundle of bundles) {
      try {
        await inSavepoint(transaction, () => planOne(transaction, tenant, bundle, now));
      } catch (error) {
        failures.push(error);
        await postponeBundle(transaction, bundle.id, new Date(now.getTime() + NOTIFICATION_FAILED_REST_MS));
      }
    }
  }
  return due.length;
}

interface Tenant {
  readonly policies: ReadonlyMap<string, Policy>;
  readonly subscribers: readonly Subscriber[];
  readonly directory: Directory;
}

async function loadTenant(transaction: Database, tenantId: string): Promise<Tenant> {
  const policies = await listNotificationPolicies(transaction, tenantId);
  return {
    policies: new Map(policies.filter((policy) => policy.enabled).map((policy) => [policy.id, policy])),
    subscribers: await listSubscribers(transaction, tenantId),
    directory: await loadDirectory(transaction, tenantId),
  };
}

async function planOne(transaction: Database, tenant: Tenant, bundle: DueBundle, now: Date): Promise<void> {
  const policy = bundle.isSubscription ? SUBSCRIPTIONS : tenant.policies.get(bundle.policyId ?? '');
  if (!policy)
    return await saveBundlePlan(transaction, bundle, { messages: [], isClosed: true, nextAt: now, changes: {} }, now);
  const plan = planBundle(policy, bundle, now);
  for (const [index, message] of plan.messages.entries()) {
    const audience = await audienceFor(transaction, tenant, bundle, policy, message);
    await insertNotifications(
      transaction,
      bundle.tenantId,
      audience.map((to) => ({
        bundleId: bundle.id,
        number: bundle.messages + index + 1,
        kind: message.kind,
        policyId: policy.id,
        policyName: policy.name,
        to,
        dueAt: heldUntil([to.quietHours], bundle.isCritical, now),
      })),
      now,
    );
  }
  await saveBundlePlan(transaction, bundle, plan, now);
}

async function audienceFor(
  transaction: Database,
  { subscribers, directory }: Tenant,
  { id, tenantId, rule, isCritical, isSubscription }: DueBundle,
  policy: Policy,
  { kind, steps }: PlannedMessage,
): Promise<Addressee[]> {
  if (kind === 'resolved') {
    // Whoever was told, whether or not the policy still names them.
    const told = await listTold(transaction, tenantId, id);
    const mutes = new Set(
      isSubscription ? subscribers.filter((one) => !one.tellsResolved).map(({ userId }) => userId) : [],
    );
    return everybody(policy, directory).filter(({ key, userId }) => told.has(key) && !mutes.has(userId ?? ''));
  }
  if (isSubscription) {
    const wanting = subscribers.filter(
      ({ match: { rules, severities } }) =>
        (rules.length === 0 || rules.includes(rule)) &&
        (severities.length === 0 || severities.includes(isCritical ? 'critical' : 'warning') || isCritical),
    );
    const ids = new Set(wanting.map(({ userId }) => userId));
    return directory.people.filter((person) => ids.has(person.id)).map(personAddressee);
  }
  return audienceOf(
    steps.flatMap((step) => (step === 0 ? policy.recipients : (policy.escalation[step - 1]?.recipients ?? []))),
    directory,
  );
}

function everybody(policy: Policy, directory: Directory): Addressee[] {
  const named = audienceOf([...policy.recipients, ...policy.escalation.flatMap((step) => step.recipients)], directory);
  const people = directory.people.filter((person) => !person.isDisabled).map(personAddressee);
  return [...new Map([...named, ...people].map((addressee) => [addressee.key, addressee])).values()];
}
