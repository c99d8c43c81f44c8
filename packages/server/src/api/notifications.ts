/** Who is told of alerts: notification policies, the own subscription, and the log of what was sent. Workers send it. */
import { randomUUID } from 'node:crypto';
import {
  createNotificationPolicy,
  deleteNotificationPolicy,
  getNotificationPolicy,
  getSubscription,
  listAlertNotifications,
  listNotificationPolicies,
  listNotifications,
  orderNotificationPolicies,
  previewNotifications,
  stopNotifications,
  testSubscription,
  updateNotificationPolicy,
  updateSubscription,
  type Notification,
  type NotificationPolicy,
  type Subscription,
} from '@lovely/api';
import { personAddressee } from '../domain/audience.ts';
import { previewNotifications as preview } from '../domain/notification-preview.ts';
import { LovelyError } from '../errors.ts';
import {
  MAILS_PER_ADDRESS_WINDOW_MS,
  ONE_TIME_CODE_TRIES,
  SIGN_IN_WINDOW_MS,
  TEST_NOTIFICATIONS_MAX,
} from '../limits.ts';
import { neighbourOf } from '../network.ts';
import { isDeviceIn } from '../store/devices.ts';
import { loadHouseFacts } from '../store/notification-bundles.ts';
import { listSubscribers, loadDirectory, loadGroups } from '../store/notification-directory.ts';
import * as policies from '../store/notification-policies.ts';
import * as notifications from '../store/notifications.ts';
import type { Database } from '../store/store.ts';
import * as subscriptions from '../store/subscriptions.ts';
import { findUser } from '../store/users.ts';
import { createAttempts } from './attempts.ts';
import { recordAudit, requireDeviceFor } from './change.ts';
import type { ApiContext, Person } from './context.ts';
import { requireReachable } from './notification-recipients.ts';
import { route, type Http } from './route.ts';

export function routeNotifications(http: Http, context: ApiContext): void {
  const attempts = createAttempts(ONE_TIME_CODE_TRIES, SIGN_IN_WINDOW_MS, Date.now);
  const tests = createAttempts(TEST_NOTIFICATIONS_MAX, MAILS_PER_ADDRESS_WINDOW_MS, Date.now);

  route(http, context, listNotificationPolicies, async ({ person, database }) => ({
    items: await policies.listNotificationPolicies(database, person.tenantId),
  }));

  route(http, context, getNotificationPolicy, async ({ person, database, params }) =>
    policies.getNotificationPolicy(database, person.tenantId, params.id),
  );

  route(http, context, createNotificationPolicy, async ({ person, database, body, audit }) => {
    const { tenantId } = person;
    await requireReachable(person, database, body);
    const id = randomUUID();
    await policies.insertNotificationPolicy(database, tenantId, { id, ...body });
    const policy = await policies.getNotificationPolicy(database, tenantId, id);
    audit({ object: objectOf(policy), after: written(policy) });
    return policy;
  });

  route(http, context, updateNotificationPolicy, async ({ person, database, params, body, ifVersion, audit }) => {
    const { tenantId } = person;
    const before = await policies.getNotificationPolicy(database, tenantId, params.id);
    // Who is told, or of what: either way, who says so could have told to themselves what they may not see.
    if (body.recipients || body.escalation || body.match || body.enabled)
      await requireReachable(person, database, {
        recipients: body.recipients ?? before.recipients,
        escalation: body.escalation ?? before.escalation,
        match: body.match ?? before.match,
      });
    await policies.updateNotificationPolicy(database, tenantId, params.id, body, ifVersion);
    const after = await policies.getNotificationPolicy(database, tenantId, params.id);
    audit({ object: objectOf(after), before: written(before), after: written(after) });
    return after;
  });

  route(http, context, deleteNotificationPolicy, async ({ person, database, params, ifVersion, audit }) => {
    const { tenantId } = person;
    const before = await policies.getNotificationPolicy(database, tenantId, params.id);
    await policies.deleteNotificationPolicy(database, tenantId, params.id, ifVersion);
    audit({ object: objectOf(before), before: written(before) });
    return undefined;
  });

  route(http, context, orderNotificationPolicies, async ({ person, database, body, audit }) => {
    const { tenantId } = person;
    audit({ object: { type: 'notification-policy', id: '' }, details: { order: body.ids } });
    await policies.orderNotificationPolicies(database, tenantId, body.ids);
    return { items: await policies.listNotificationPolicies(database, tenantId) };
  });

  route(http, context, previewNotifications, async ({ person, database, body }) => {
    const { tenantId } = person;
    await requireDeviceFor(person, database, 'fleet.read', body.deviceId);
    const ordered = (await policies.listNotificationPolicies(database, tenantId))
      .filter(({ enabled }) => enabled)
      .map(policies.orderedPolicy);
    const subscribers = await listSubscribers(database, tenantId);
    const groupIds = [...ordered, ...subscribers].flatMap(({ match }) => match.groupIds);
    const house = await loadHouseFacts(database, tenantId, body, await loadGroups(database, tenantId, groupIds));
    if (!house) throw new LovelyError('not-found');
    const alert = { id: '', rule: body.rule, severity: body.severity, incidentId: null, ...house };
    const directory = await loadDirectory(database, tenantId);
    const items = preview({ policies: ordered, subscribers, directory, alert }, new Date());
    const blind = await whoMayNotSee(database, tenantId, items, body.deviceId);
    return {
      items: items.map((item) =>
        item.hindrance === null && blind.has(item.userId ?? '')
          ? { ...item, hindrance: 'They may not see this house.' }
          : item,
      ),
    };
  });

  route(http, context, listNotifications, async ({ person, database, query }) => {
    const { items, next } = await notifications.listNotifications(database, person.tenantId, query);
    // What a message is about names houses.
    const seesAll = person.may('fleet.read') && person.scope('fleet.read').kind === 'all';
    return { items: seesAll ? items : items.map(withoutSubject), next };
  });

  route(http, context, listAlertNotifications, async ({ person, database, params }) => {
    const { tenantId } = person;
    const scope = person.scope('fleet.read');
    const { deviceId, items } = await notifications.listAlertNotifications(database, tenantId, scope, params.id);
    // Of a bundle of many houses everybody is told what they may see of it.
    const blind = await whoMayNotSee(database, tenantId, items, deviceId);
    const told = items.filter(({ userId }) => !blind.has(userId ?? ''));
    return { items: scope.kind === 'all' ? told : told.map(withoutSubject) };
  });

  route(http, context, getSubscription, ({ person, database }) => ownSubscription(context, person, database));

  route(http, context, updateSubscription, async ({ person, database, body, ifVersion, audit }) => {
    const { tenantId, user } = person;
    const before = await subscriptions.getSubscription(database, tenantId, user.id);
    await subscriptions.updateSubscription(database, tenantId, user.id, body, ifVersion);
    const after = await subscriptions.getSubscription(database, tenantId, user.id);
    audit({
      object: { type: 'subscription', id: user.id, name: user.email },
      before: { ...before },
      after: { ...after },
    });
    return await ownSubscription(context, person, database);
  });

  route(http, context, testSubscription, async ({ person, database, audit }) => {
    const { tenantId, user } = person;
    audit({ object: { type: 'subscription', id: user.id, name: user.email } });
    if (!context.mailer) throw new LovelyError('no-mail-server');
    tests.count(user.id);
    const to = personAddressee({ ...user, roleIds: [], quietHours: null });
    const now = new Date();
    const test = { bundleId: null, number: 0, kind: 'test', policyId: null, policyName: null, to, dueAt: now } as const;
    await notifications.insertNotifications(database, tenantId, [test], now);
    return undefined;
  });

  route(http, context, stopNotifications, async ({ body, address }) => {
    attempts.count(neighbourOf(address));
    const stopped = await subscriptions.stopByCode(context.store.database, body.code);
    if (!stopped) throw new LovelyError('bad-link');
    const { tenantId, userId } = stopped;
    await recordAudit(context.store.database, tenantId, {
      actor: { type: userId === null ? 'system' : 'user', id: userId ?? '', name: stopped.address },
      action: 'subscription.stop',
      note: { object: { type: 'subscription', id: userId ?? '', name: stopped.address } },
      result: 'success',
      address,
    });
    return { address: stopped.address };
  });
}

async function ownSubscription(
  { mailer }: ApiContext,
  { tenantId, user }: Person,
  database: Database,
): Promise<Subscription> {
  const own = await subscriptions.getSubscription(database, tenantId, user.id);
  return { ...own, address: user.email, canMail: mailer !== undefined };
}

/** The people among these who may not see a house. */
async function whoMayNotSee(
  database: Database,
  tenantId: string,
  items: readonly Pick<Notification, 'userId'>[],
  deviceId: string,
): Promise<ReadonlySet<string>> {
  const blind = new Set<string>();
  for (const userId of new Set(items.flatMap((item) => item.userId ?? []))) {
    const scope = (await findUser(database, userId))?.access.get('fleet.read');
    if (!scope || !(await isDeviceIn(database, tenantId, scope, deviceId))) blind.add(userId);
  }
  return blind;
}

function withoutSubject(notification: Notification): Notification {
  return { ...notification, subject: '' };
}

function objectOf({ id, name }: NotificationPolicy): { type: string; id: string; name: string } {
  return { type: 'notification-policy', id, name };
}

/** What people write. */
function written(policy: NotificationPolicy): Record<string, unknown> {
  const { id: _, position: __, version: ___, createdAt: ____, updatedAt: _____, ...rest } = policy;
  return rest;
}
