/**
 * Writes the messages that are due: for each recipient one mail about all that is to be said by now, and for a webhook one
 * delivery each. What a message says is what is true when it is written, and only of houses that the recipient may see.
 */
import { randomUUID } from 'node:crypto';
import { doForEach } from '../../background-task.ts';
import type { BundleFacts } from '../../domain/bundle-facts.ts';
import { ALL_DEVICES, scopeKey, type DeviceScope } from '../../domain/device-scope.ts';
import {
  MAILS_PER_ADDRESS_MAX,
  MAILS_PER_ADDRESS_PAUSE_MS,
  MAILS_PER_ADDRESS_WINDOW_MS,
  NOTIFICATION_DIGEST_MAX,
  NOTIFICATION_EXAMPLES_MAX,
  NOTIFICATION_RECIPIENTS_MAX,
} from '../../limits.ts';
import { alertMail, subjectOf, type Section } from '../../mail/alert-letters.ts';
import { recordAlertEvents } from '../../store/alert-events.ts';
import { insertMail, listMailTimes, listThread } from '../../store/mails.ts';
import { findSubscriber, loadGroups } from '../../store/notification-directory.ts';
import {
  deleteNotification,
  insertNotifiedDelivery,
  listDueRecipients,
  loadBundleFacts,
  lockDueNotifications,
  markTold,
  postponeNotifications,
  skipNotification,
  type DueNotification,
  wasToldOfRule,
  type Viewer,
} from '../../store/notifications.ts';
import type { Database, Store } from '../../store/store.ts';
import { stopCodeOf } from '../../store/subscriptions.ts';
import { findUser, type UserRecord } from '../../store/users.ts';
import { notifiedEvent } from './notified-event.ts';

export interface ComposeOptions {
  readonly store: Store;
  /** The https origin of links. */
  readonly publicUrl: string;
  /** Whether there is a mail server. */
  readonly canMail: boolean;
  readonly now: () => Date;
}

export async function composeNotifications(options: ComposeOptions): Promise<void> {
  const { store, now } = options;
  const facts: FactsCache = new Map();
  const recipients = await listDueRecipients(store.database, now(), NOTIFICATION_RECIPIENTS_MAX);
  await doForEach(recipients, async (recipient) => {
    await store.database.transaction().execute(async (transaction) => {
      const due = await lockDueNotifications(transaction, recipient, now(), NOTIFICATION_DIGEST_MAX);
      const [first] = due;
      if (!first) return;
      if (first.channel === 'email') await composeMail(transaction, options, facts, due);
      else for (const notification of due) await composeDelivery(transaction, options, facts, notification);
    });
  });
}

async function composeMail(
  transaction: Database,
  { publicUrl, canMail, now: clock }: ComposeOptions,
  cache: FactsCache,
  due: readonly DueNotification[],
): Promise<void> {
  const now = clock();
  const ids = due.map(({ id }) => id);
  const skipAll = async (reason: string): Promise<void> => {
    for (const id of ids) await skipNotification(transaction, id, reason);
  };
  const { tenantId, userId, recipientKey } = due[0]!;
  if (!canMail) return await skipAll('The system has no mail server.');
  const user = userId === null ? undefined : await findUser(transaction, userId);
  if (userId !== null && !user) return await skipAll('The account was deleted.');
  if (user?.isDisabled) return await skipAll('The account is disabled.');
  const address = user?.email ?? due[0]!.address!;
  const later = await mayMailAgainAt(transaction, tenantId, address, now);
  if (later > now) return await postponeNotifications(transaction, ids, later, 'Held: too many mails within an hour.');

  const mailId = randomUUID();
  const sections: (Section & { readonly notification: DueNotification })[] = [];
  for (const notification of due) {
    const section = await sectionOf(transaction, cache, notification, user);
    if (!section) continue;
    const subject = subjectOf(section);
    const alerts = section.facts?.alerts ?? 0;
    // Right now, so that the next section does not say the same once more.
    await markTold(transaction, notification.id, { subject, alerts, mailId: null, deliveryId: null }, now);
    sections.push({ ...section, notification });
  }
  if (sections.length === 0) return;
  const isOwn = sections.every(({ notification: { policyId, kind } }) => policyId === null && kind !== 'test');
  const threadIds =
    sections.length === 1 && sections[0]!.notification.bundleId !== null
      ? await listThread(transaction, tenantId, sections[0]!.notification.bundleId, recipientKey)
      : [];
  const code = isOwn || userId === null ? await stopCodeOf(transaction, tenantId, address, userId) : null;
  const unsubscribeUrl = code === null ? null : `${publicUrl}/unsubscribe#${code}`;
  const written = alertMail({ to: address, name: user?.name ?? null, sections, publicUrl, unsubscribeUrl, now });
  const messageId = `<${mailId}@${new URL(publicUrl).hostname}>`;
  await insertMail(
    transaction,
    { id: mailId, tenantId, address, ...written, messageId, threadIds, unsubscribeUrl },
    now,
  );
  for (const { notification, ...section } of sections) {
    const told = { subject: subjectOf(section), alerts: section.facts?.alerts ?? 0, mailId, deliveryId: null };
    await markTold(transaction, notification.id, told, now);
    await recordTold(transaction, notification, section.facts, now);
  }
}

/** In the timelines of alerts that are told of one by one; of a thousand at once the log of messages says it. */
async function recordTold(
  transaction: Database,
  { tenantId, kind, recipient }: DueNotification,
  facts: BundleFacts | undefined,
  now: Date,
): Promise<void> {
  if (!facts || kind === 'resolved' || facts.alerts > facts.examples.length) return;
  await recordAlertEvents(
    transaction,
    facts.examples.map(({ id: alertId }) => ({
      tenantId,
      alertId,
      kind: kind === 'escalation' ? ('escalated' as const) : ('notified' as const),
      at: now,
      text: recipient,
      details: { message: kind },
    })),
  );
}

async function composeDelivery(
  transaction: Database,
  { publicUrl, now }: ComposeOptions,
  cache: FactsCache,
  notification: DueNotification,
): Promise<void> {
  if (notification.webhookId === null)
    return await skipNotification(transaction, notification.id, 'The webhook was deleted.');
  const section = await sectionOf(transaction, cache, notification, undefined);
  if (!section?.facts) return;
  const deliveryId = await insertNotifiedDelivery(
    transaction,
    notification.tenantId,
    notification.webhookId,
    notifiedEvent(notification, section.facts, publicUrl),
  );
  const told = { subject: subjectOf(section), alerts: section.facts.alerts, mailId: null, deliveryId };
  await markTold(transaction, notification.id, told, now());
  await recordTold(transaction, notification, section.facts, now());
}

/** What was found out in this round, for others who may see the same. */
type FactsCache = Map<string, BundleFacts | undefined>;

async function factsFor(
  transaction: Database,
  cache: FactsCache,
  of: { readonly tenantId: string; readonly bundleId: string; readonly viewer: Viewer },
): Promise<BundleFacts | undefined> {
  const { tenantId, bundleId, viewer } = of;
  const load = () => loadBundleFacts(transaction, tenantId, bundleId, viewer, NOTIFICATION_EXAMPLES_MAX);
  if (viewer.knowsTold) return await load();
  const key = `${bundleId} ${scopeKey(viewer.scope)} ${JSON.stringify(viewer.wanted)}`;
  if (!cache.has(key)) cache.set(key, await load());
  return cache.get(key);
}

/** What there is to say; undefined when there is nothing, which is then in the log. */
async function sectionOf(
  transaction: Database,
  cache: FactsCache,
  notification: DueNotification,
  user: UserRecord | undefined,
): Promise<Section | undefined> {
  const { id, kind, policyName, bundleId, tenantId } = notification;
  if (kind === 'test' || bundleId === null) return { kind: 'test', policyName, facts: undefined };
  const viewer = await viewerOf(transaction, notification, user);
  const facts = viewer && (await factsFor(transaction, cache, { tenantId, bundleId, viewer }));
  const isOwn = notification.policyId === null && policyName === null;
  if (!facts) {
    if (isOwn) await deleteNotification(transaction, id);
    else await skipNotification(transaction, id, 'They may not see any of these houses.');
    return undefined;
  }
  const reason = reasonToSkip(kind, facts);
  if (reason === undefined) return { kind, policyName, facts };
  if (isOwn && facts.fresh === 0 && facts.open > 0) await deleteNotification(transaction, id);
  else await skipNotification(transaction, id, reason);
  return undefined;
}

function reasonToSkip(kind: DueNotification['kind'], { open, fresh, waiting }: BundleFacts): string | undefined {
  switch (kind) {
    case 'opened':
    case 'more':
      if (open === 0) return 'It was over before it was told.';
      return fresh === 0 ? 'They were told of it already.' : undefined;
    case 'escalation':
    case 'reminder':
      return waiting === 0 ? 'Somebody looks after it, or it is over.' : undefined;
    case 'resolved':
      return open > 0 ? 'It came back.' : undefined;
    case 'test':
      return undefined;
  }
}

/** What the recipient may see and wants to know; undefined: nothing any more. */
async function viewerOf(
  transaction: Database,
  { kind, tenantId, bundleId, recipientKey, userId, policyId, policyName }: DueNotification,
  user: UserRecord | undefined,
): Promise<Viewer | undefined> {
  const scope: DeviceScope | undefined = user ? user.access.get('fleet.read') : ALL_DEVICES;
  if (!scope || bundleId === null) return undefined;
  const knowsTold =
    (kind === 'opened' || kind === 'more') && (await wasToldOfRule(transaction, tenantId, bundleId, recipientKey));
  if (userId === null || policyId !== null || policyName !== null)
    return { recipientKey, scope, knowsTold, wanted: null };
  const subscriber = await findSubscriber(transaction, tenantId, userId);
  if (!subscriber) return undefined;
  const { match } = subscriber;
  const wanted = { match, groups: await loadGroups(transaction, tenantId, match.groupIds) };
  return { recipientKey, scope, knowsTold, wanted };
}

/** A burst is let through; whoever got it gets one mail now and then, which says all that came meanwhile. */
async function mayMailAgainAt(transaction: Database, tenantId: string, address: string, now: Date): Promise<Date> {
  const since = new Date(now.getTime() - MAILS_PER_ADDRESS_WINDOW_MS);
  const times = await listMailTimes(transaction, tenantId, address, since, MAILS_PER_ADDRESS_MAX);
  if (times.length < MAILS_PER_ADDRESS_MAX) return now;
  return new Date(times[0]!.getTime() + MAILS_PER_ADDRESS_PAUSE_MS);
}
