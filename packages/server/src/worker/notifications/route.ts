/** Puts alerts that opened into the bundles of the policies and subscriptions that are for them. */
import type { AlertMatch } from '@lovely/api';
import { doForEach } from '../../background-task.ts';
import type { DeviceGroup } from '../../domain/device-scope.ts';
import {
  acceptsUntil,
  bundleKeys,
  matches,
  policiesFor,
  SUBSCRIPTIONS,
  type OrderedPolicy,
  type Policy,
} from '../../domain/notification-plan.ts';
import { NOTIFICATION_ALERTS_MAX, NOTIFICATION_PAUSE_MS } from '../../limits.ts';
import {
  addToBundles,
  insertBundles,
  listAcceptingBundles,
  listBundlesOfAlerts,
  listTenantsWithChanges,
  loadAlertFacts,
  markCritical,
  newBundle,
  takeChanges,
  touchBundles,
  type ChangedAlert,
  type NewBundle,
} from '../../store/notification-bundles.ts';
import { listSubscribers, loadGroups } from '../../store/notification-directory.ts';
import { listNotificationPolicies, orderedPolicy } from '../../store/notification-policies.ts';
import type { Database, Store } from '../../store/store.ts';

/** Works through everything that is noted; several workers may do so at once. */
export async function routeAlerts({ database }: Store, now: () => Date): Promise<void> {
  await doForEach(await listTenantsWithChanges(database), async (tenantId) => {
    for (;;) {
      const count = await database.transaction().execute((transaction) => routeSome(transaction, tenantId, now()));
      if (count === 0) break;
    }
  });
}

/** What alerts of a tenant are told by. */
interface Listening {
  readonly policies: readonly OrderedPolicy[];
  readonly subscribed: readonly AlertMatch[];
  /** All groups that any of them names. */
  readonly groups: readonly DeviceGroup[];
}

async function routeSome(transaction: Database, tenantId: string, now: Date): Promise<number> {
  const alertIds = await takeChanges(transaction, tenantId, NOTIFICATION_ALERTS_MAX);
  if (alertIds.length === 0) return 0;
  const listening = await loadListening(transaction, tenantId);
  const alerts = await loadAlertFacts(transaction, tenantId, alertIds, listening.groups);
  const known = await listBundlesOfAlerts(transaction, tenantId, alertIds);
  const { bundles, members } = await assign(transaction, tenantId, alerts, listening, known, now);

  const critical = new Set(alerts.filter((alert) => alert.isOpen && alert.severity === 'critical').map(({ id }) => id));
  const all = [...known, ...members];
  // What is there before what is made: whoever deletes a policy takes its bundles before the policy.
  await touchBundles(transaction, tenantId, new Set(all.map(({ bundleId }) => bundleId)), {
    now,
    pauseMs: NOTIFICATION_PAUSE_MS,
  });
  await insertBundles(transaction, tenantId, bundles, now);
  await addToBundles(transaction, tenantId, members, now);
  const worse = new Set(all.filter(({ alertId }) => critical.has(alertId)).map(({ bundleId }) => bundleId));
  await markCritical(transaction, tenantId, worse, now);
  return alertIds.length;
}

async function loadListening(transaction: Database, tenantId: string): Promise<Listening> {
  const policies = (await listNotificationPolicies(transaction, tenantId))
    .filter((policy) => policy.enabled)
    .map(orderedPolicy);
  const subscribed = (await listSubscribers(transaction, tenantId)).map(({ match }) => match);
  const groupIds = [...policies.map(({ match }) => match), ...subscribed].flatMap((match) => match.groupIds);
  return { policies, subscribed, groups: await loadGroups(transaction, tenantId, groupIds) };
}

interface Member {
  readonly bundleId: string;
  readonly alertId: string;
}

async function assign(
  transaction: Database,
  tenantId: string,
  alerts: readonly ChangedAlert[],
  { policies, subscribed }: Listening,
  known: readonly { readonly alertId: string; readonly policyId: string | null }[],
  now: Date,
): Promise<{ bundles: NewBundle[]; members: Member[] }> {
  const isIn = new Set(known.map(({ alertId, policyId }) => `${alertId} ${policyId}`));
  const wanted = alerts
    .filter((alert) => alert.isOpen)
    .flatMap((alert) => {
      const of: Policy[] = policiesFor(policies, alert);
      if (subscribed.some((match) => matches(match, alert))) of.push(SUBSCRIPTIONS);
      return of.filter(({ id }) => !isIn.has(`${alert.id} ${id}`)).map((policy) => ({ alert, policy }));
    });
  const keys = new Set(wanted.flatMap(({ alert, policy }) => bundleKeys(policy, alert)));
  const accepting = await listAcceptingBundles(transaction, tenantId, [...keys], now);
  const open = new Map(accepting.map(({ id, policyId, key }) => [`${policyId} ${key}`, id]));
  const bundles: NewBundle[] = [];
  const members = wanted.map(({ alert, policy }) => {
    const names = bundleKeys(policy, alert);
    const found = names.map((key) => open.get(`${policy.id} ${key}`)).find((id) => id !== undefined);
    if (found !== undefined) return { bundleId: found, alertId: alert.id };
    const key = names[0]!;
    const bundle = newBundle({
      policyId: policy.id,
      key,
      rule: alert.rule,
      acceptsUntil: acceptsUntil(policy, key, now),
      nextAt: new Date(now.getTime() + policy.delaySeconds * 1000),
    });
    open.set(`${policy.id} ${key}`, bundle.id);
    bundles.push(bundle);
    return { bundleId: bundle.id, alertId: alert.id };
  });
  return { bundles, members };
}
