/** Alerts in a real database, through all stages to the mails that would be sent, with a clock that the test turns. */
import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { Grant, Notification, NotificationPolicy, QuietHours } from '@lovely/api';
import { MAIL_LOST_MS, MAILS_PER_ADDRESS_MAX } from '../../limits.ts';
import type { ThreadedMail } from '../../mail/mailer.ts';
import { insertGroup, addGroupDevices } from '../../store/groups.ts';
import { insertNotificationPolicy, updateNotificationPolicy } from '../../store/notification-policies.ts';
import { listAlertNotifications, listNotifications } from '../../store/notifications.ts';
import type { Store } from '../../store/store.ts';
import { stopByCode, updateSubscription } from '../../store/subscriptions.ts';
import { ensureFirstTenant } from '../../store/tenants.ts';
import {
  acknowledgeTestAlerts,
  closeTestAlerts,
  countRows,
  insertTestHouses,
  openTestAlerts,
} from '../../store/test-alerts.ts';
import { startEmbeddedDatabases, type TestDatabases } from '../../store/test-databases.ts';
import { updateUserAccount } from '../../store/user-accounts.ts';
import { insertUser } from '../../store/users.ts';
import { insertWebhook } from '../../store/webhooks.ts';
import { listDeliveries, getDelivery } from '../../store/webhook-deliveries.ts';
import { ALL_DEVICES } from '../../domain/device-scope.ts';
import { composeNotifications } from './compose.ts';
import { sendMails } from './mail-sender.ts';
import { planNotifications } from './plan.ts';
import { routeAlerts } from './route.ts';

const URL = 'https://lovely.example.com';
const START = Date.UTC(2026, 10, 23, 12);
const EVERYWHERE: Grant[] = [{ roleId: 'viewer', groupIds: null }];

// Many rounds of all stages, on machines that are busy.
setDefaultTimeout(60_000);

let databases: TestDatabases;
let store: Store;
let tenantId: string;
let nowMs: number;
let mails: ThreadedMail[];

beforeAll(async () => {
  databases = await startEmbeddedDatabases();
}, 60_000);
afterAll(async () => await databases[Symbol.asyncDispose]());
beforeEach(async () => {
  store = await databases.open();
  tenantId = (await ensureFirstTenant(store.database)).id;
  nowMs = START;
  mails = [];
});

const now = (): Date => new Date(nowMs);
const mailer = {
  deliver(mail: ThreadedMail) {
    mails.push(mail);
    return Promise.resolve({ kind: 'sent' } as const);
  },
};

async function tick(): Promise<void> {
  await routeAlerts(store, now);
  await planNotifications(store, now);
  await composeNotifications({ store, publicUrl: URL, canMail: true, now });
  await sendMails(store, mailer, now);
}

/** Time passes as it does: the stages run again and again. */
async function pass(minutes: number, step = 0.5): Promise<void> {
  for (let at = 0; at < minutes; at += step) {
    nowMs += step * 60_000;
    await tick();
  }
}

/** What was mailed since the last time this was asked. */
function taken(): string[] {
  return mails.splice(0).map(({ to, subject }) => `${to}: ${subject}`);
}

async function person(name: string, grants: readonly Grant[] = EVERYWHERE): Promise<string> {
  const id = randomUUID();
  const email = `${name}@example.com`;
  await insertUser(store.database, { id, tenantId, email, name, passwordHash: '', grants });
  return id;
}

async function policy(patch: Partial<NotificationPolicy> & Pick<NotificationPolicy, 'recipients'>): Promise<string> {
  const id = randomUUID();
  await insertNotificationPolicy(store.database, tenantId, {
    name: 'On call',
    enabled: true,
    match: { severities: [], rules: [], groupIds: [], sensorKinds: [] },
    escalation: [],
    delaySeconds: 60,
    bundleMinutes: 10,
    repeatMinutes: null,
    quietHours: null,
    tellsResolved: true,
    isLast: false,
    ...patch,
    id,
  });
  return id;
}

const user = (userId: string) => ({ kind: 'user', userId }) as const;
const houses = (count: number): Promise<string[]> => insertTestHouses(store.database, tenantId, count);
const open = (deviceIds: string[], rule = 'disk-full', severity: 'warning' | 'critical' = 'warning') =>
  openTestAlerts(store.database, tenantId, deviceIds, { rule, severity, at: now() });
const close = (alertIds: string[]): Promise<void> => closeTestAlerts(store.database, alertIds, now());

async function log(): Promise<string[]> {
  const { items } = await listNotifications(store.database, tenantId, { limit: 100 });
  return items.toReversed().map(said);
}
const said = ({ kind, recipient, state, reason }: Notification): string =>
  `${kind} ${recipient} ${state}${reason === null ? '' : ` (${reason})`}`;

const NIGHT: QuietHours = {
  from: '22:00',
  to: '07:00',
  days: [1, 2, 3, 4, 5, 6, 7],
  timeZone: 'UTC',
  criticalBreaksThrough: true,
};

describe('a policy', () => {
  test('tells of a problem that lasts, and in the same thread when it is over', async () => {
    const ada = await person('ada');
    await policy({ recipients: [user(ada)] });
    const alerts = await open(await houses(1));
    await pass(0.5);
    expect(taken()).toEqual([]);
    await pass(1);
    const [first] = mails as [ThreadedMail];
    expect(taken()).toEqual(['ada@example.com: disk-full · House 1']);
    expect(first.text).toContain('House 1, Lindenweg 1: It is 97 % full.');
    expect(first.text).toContain(`${URL}/devices/`);
    expect(first.text).toContain('“On call”');
    expect(first.threadIds).toEqual([]);
    await pass(10);
    await close(alerts);
    await pass(2);
    const [second] = mails as [ThreadedMail];
    expect(taken()).toEqual(['ada@example.com: Back to green: disk-full · House 1']);
    expect(second.text).toContain('back to green after 12 min');
    expect(second.threadIds).toEqual([first.messageId]);
    await pass(30);
    expect(taken()).toEqual([]);
    expect(await log()).toEqual(['opened ada sent', 'resolved ada sent']);
  });

  test('tells nobody of what is over within its delay, again and again', async () => {
    await policy({ recipients: [user(await person('ada'))], delaySeconds: 120 });
    const [house] = await houses(1);
    for (let at = 0; at < 5; at++) {
      const alerts = await open([house!]);
      await pass(1);
      await close(alerts);
      await pass(1);
    }
    await pass(10);
    expect(await log()).toEqual([]);
    expect(taken()).toEqual([]);
  });

  test('makes one mail of a thousand houses, one more of those that follow, and one when all are well', async () => {
    await policy({ recipients: [user(await person('ada'))] });
    const all = await houses(1200);
    const alerts = await open(all.slice(0, 1000), 'outage', 'critical');
    await pass(2);
    expect(taken()).toEqual(['ada@example.com: Critical: outage · 1,000 houses']);
    alerts.push(...(await open(all.slice(1000), 'outage', 'critical')));
    await pass(12);
    expect(taken()).toEqual(['ada@example.com: Critical: outage · 1,200 houses']);
    await close(alerts);
    await pass(5);
    expect(taken()).toEqual(['ada@example.com: Back to green: outage · 1,200 houses']);
  });

  test('is asked in order, up to one that is the last where it applies', async () => {
    const [ada, bob] = [await person('ada'), await person('bob')];
    const disks = { severities: [], rules: ['disk-full'], groupIds: [], sensorKinds: [] };
    await policy({ recipients: [user(ada)], match: disks, isLast: true });
    await policy({ recipients: [user(bob)] });
    const [house] = await houses(1);
    await open([house!]);
    await open([house!], 'too-hot');
    await pass(2);
    expect(taken().toSorted()).toEqual(['ada@example.com: disk-full · House 1', 'bob@example.com: too-hot · House 1']);
  });

  test('that is disabled or deleted tells nothing more', async () => {
    const id = await policy({ recipients: [user(await person('ada'))] });
    const alerts = await open(await houses(1));
    await pass(2);
    expect(taken()).toHaveLength(1);
    await updateNotificationPolicy(store.database, tenantId, id, { enabled: false }, undefined);
    await close(alerts);
    await pass(10);
    expect(taken()).toEqual([]);
  });
});

test('a bundle that can not be planned keeps no other waiting', async () => {
  await policy({ recipients: [user(await person('ada'))], bundleMinutes: 1 });
  const [first, second] = await houses(2);
  await open([first!]);
  await pass(0.5);
  // More messages than a number can count.
  await store.database
    .updateTable('notification_bundles')
    .set({ messages: 2 ** 31 - 1 })
    .execute();
  await open([second!], 'too-hot');
  expect(await pass(2).catch(String)).toContain('out of range');
  await pass(0.5);
  expect(taken()).toEqual(['ada@example.com: too-hot · House 2']);
});

describe('escalation', () => {
  const steps = (...ids: string[]) => ids.map((id, at) => ({ afterMinutes: 10 * (at + 1), recipients: [user(id)] }));

  test('goes from person to person until somebody acknowledges', async () => {
    const [ada, bob, eve] = [await person('ada'), await person('bob'), await person('eve')];
    await policy({ recipients: [user(ada)], escalation: steps(bob, eve) });
    const alerts = await open(await houses(1));
    await pass(2);
    expect(taken()).toEqual(['ada@example.com: disk-full · House 1']);
    await pass(10);
    expect(taken()).toEqual(['bob@example.com: Nobody has acknowledged: disk-full · House 1']);
    await acknowledgeTestAlerts(store.database, alerts, now());
    await pass(30);
    expect(taken()).toEqual([]);
    await close(alerts);
    await pass(6);
    // Whoever heard of it hears of its end, and nobody else.
    expect(taken().toSorted()).toEqual([
      'ada@example.com: Back to green: disk-full · House 1',
      'bob@example.com: Back to green: disk-full · House 1',
    ]);
  });

  test('waits for the end of quiet hours, and reminds until somebody acknowledges', async () => {
    const [ada, bob] = [await person('ada'), await person('bob')];
    await policy({
      recipients: [user(ada)],
      escalation: steps(bob),
      repeatMinutes: 20,
      quietHours: { ...NIGHT, from: '12:00', to: '14:00' },
    });
    const alerts = await open(await houses(1));
    await pass(116, 4);
    await pass(2);
    expect(taken()).toEqual([]);
    await pass(3);
    expect(taken()).toEqual(['ada@example.com: disk-full · House 1']);
    await pass(10);
    expect(taken()).toEqual(['bob@example.com: Nobody has acknowledged: disk-full · House 1']);
    await pass(21);
    expect(taken().toSorted()).toEqual([
      'ada@example.com: Still open: disk-full · House 1',
      'bob@example.com: Still open: disk-full · House 1',
    ]);
    await acknowledgeTestAlerts(store.database, alerts, now());
    await pass(45, 5);
    expect(taken()).toEqual([]);
  });
});

describe('quiet hours', () => {
  test('of a person hold what is not critical and make one mail of it in the morning', async () => {
    nowMs = Date.UTC(2026, 10, 23, 23);
    const ada = await person('ada');
    await updateSubscription(store.database, tenantId, ada, { quietHours: NIGHT }, undefined);
    await policy({ recipients: [user(ada)] });
    const [a, b, c] = await houses(3);
    await open([a!], 'disk-full');
    await open([b!], 'too-hot');
    const over = await open([c!], 'door-open');
    await pass(5);
    await open([a!], 'fire', 'critical');
    await pass(5);
    expect(taken()).toEqual(['ada@example.com: Critical: fire · House 1']);
    await close(over);
    nowMs = Date.UTC(2026, 10, 24, 6, 59);
    await tick();
    expect(taken()).toEqual([]);
    await pass(2);
    const [digest] = mails as [ThreadedMail];
    expect(mails).toHaveLength(1);
    expect(digest.subject).toStartWith('2 messages · ');
    expect(digest.text).toContain('too-hot · House 2');
    expect(digest.text).not.toContain('door-open');
    expect(await log()).toContain('opened ada skipped (It was over before it was told.)');
  });
});

describe('people', () => {
  test('are told of houses that they may see, and of no other', async () => {
    const [mine, yours] = await houses(2);
    const groupId = randomUUID();
    await insertGroup(store.database, tenantId, { id: groupId, name: 'Mine', description: '', filter: null });
    await addGroupDevices(store.database, tenantId, ALL_DEVICES, groupId, [mine!]);
    const ada = await person('ada', [{ roleId: 'viewer', groupIds: [groupId] }]);
    const bob = await person('bob', []);
    await policy({ recipients: [user(ada), user(bob)] });
    const [alert, other] = [await open([mine!]), await open([yours!])];
    await pass(2);
    expect(mails[0]!.text).not.toContain('House 2');
    expect(taken()).toEqual(['ada@example.com: disk-full · House 1']);
    expect(await log()).toContain('opened bob skipped (They may not see any of these houses.)');
    await close([...alert, ...other]);
  });

  test('hear nothing once their account is disabled, whoever names them', async () => {
    const ada = await person('ada');
    await updateSubscription(store.database, tenantId, ada, { enabled: true }, undefined);
    await policy({ recipients: [user(ada), { kind: 'role', roleId: 'viewer' }] });
    await open(await houses(1));
    await routeAlerts(store, now);
    await updateUserAccount(store.database, tenantId, ada, { disabled: true }, undefined);
    await pass(5);
    expect(taken()).toEqual([]);
  });

  test('who subscribed are told once, though a policy names them too', async () => {
    const [ada, bob] = [await person('ada'), await person('bob')];
    for (const id of [ada, bob]) await updateSubscription(store.database, tenantId, id, { enabled: true }, undefined);
    await policy({ recipients: [user(ada)] });
    await open(await houses(1));
    await pass(3);
    expect(taken().toSorted()).toEqual([
      'ada@example.com: disk-full · House 1',
      'bob@example.com: disk-full · House 1',
    ]);
  });

  test('are told what they subscribed to, until they follow the link in a mail', async () => {
    const ada = await person('ada');
    const match = { severities: ['critical' as const], rules: [], groupIds: [], sensorKinds: [] };
    await updateSubscription(store.database, tenantId, ada, { enabled: true, match }, undefined);
    const [a, b] = await houses(2);
    await open([a!], 'too-hot', 'warning');
    await open([b!], 'fire', 'critical');
    await pass(2);
    const [mail] = mails as [ThreadedMail];
    expect(taken()).toEqual(['ada@example.com: Critical: fire · House 2']);
    expect(mail.text).toContain(mail.unsubscribeUrl!);
    const code = mail.unsubscribeUrl!.split('#')[1]!;
    expect(await stopByCode(store.database, code)).toMatchObject({ userId: ada });
    await open([a!], 'fire', 'critical');
    await pass(15);
    expect(taken()).toEqual([]);
  });

  test('outside of the system are told until they say that they want no more', async () => {
    await policy({ recipients: [{ kind: 'email', address: 'Janitor@example.org' }] });
    const [a, b] = await houses(2);
    await open([a!]);
    await pass(2);
    const [mail] = mails as [ThreadedMail];
    expect(taken()).toEqual(['janitor@example.org: disk-full · House 1']);
    await stopByCode(store.database, mail.unsubscribeUrl!.split('#')[1]!);
    await open([b!], 'too-hot');
    await pass(5);
    expect(taken()).toEqual([]);
  });
});

test('a webhook gets a delivery with what the message is about', async () => {
  const id = randomUUID();
  await insertWebhook(store.database, tenantId, {
    id,
    name: 'Pager',
    url: 'https://example.com/',
    events: ['alert.notified'],
    enabled: true,
    secret: 'sealed',
  });
  await policy({ recipients: [{ kind: 'webhook', webhookId: id }] });
  const alerts = await open(await houses(3));
  await pass(2);
  const { items } = await listDeliveries(store.database, tenantId, id, { limit: 10 });
  expect(items.map(({ event }) => event)).toEqual(['alert.notified']);
  const { payload } = await getDelivery(store.database, tenantId, id, items[0]!.id);
  expect(JSON.parse(payload)).toMatchObject({
    type: 'alert.notified',
    data: { notification: { kind: 'opened' }, problem: { rule: 'disk-full', houses: 3, open: 3 } },
  });
  const told = await listAlertNotifications(store.database, tenantId, ALL_DEVICES, alerts[0]!);
  expect(told.items.map(said)).toEqual(['opened Pager sending']);
});

describe('the queue of mail', () => {
  test('sends again, with the same Message-ID, what a worker took along when it died', async () => {
    await policy({ recipients: [user(await person('ada'))] });
    await open(await houses(1));
    nowMs += 90_000;
    await routeAlerts(store, now);
    nowMs += 90_000;
    await planNotifications(store, now);
    await composeNotifications({ store, publicUrl: URL, canMail: true, now });
    const died = Promise.withResolvers<never>();
    const lost: ThreadedMail[] = [];
    const dying = sendMails(store, { deliver: (mail) => (lost.push(mail), died.promise) }, now);
    while (lost.length === 0) await Bun.sleep(5);
    await tick();
    expect(mails).toEqual([]);
    nowMs += MAIL_LOST_MS;
    await tick();
    expect(mails.map(({ messageId, text }) => ({ messageId, text }))).toEqual(
      lost.map(({ messageId, text }) => ({ messageId, text })),
    );
    died.reject(new Error('gone'));
    await dying.catch(() => undefined);
    expect(await log()).toEqual(['opened ada sent']);
  });

  test('tries again what the mail server does not take, and says why it failed for good', async () => {
    await policy({ recipients: [user(await person('ada')), user(await person('bob'))] });
    await open(await houses(1));
    await pass(1);
    const answers = { deliver: (mail: ThreadedMail) => Promise.resolve(refusal(mail)) };
    const refusal = ({ to }: ThreadedMail) =>
      ({ kind: 'failed', error: '550 no such user', isFinal: to.startsWith('bob') }) as const;
    nowMs += 60_000;
    await planNotifications(store, now);
    await composeNotifications({ store, publicUrl: URL, canMail: true, now });
    await sendMails(store, answers, now);
    expect((await log()).toSorted()).toEqual([
      'opened ada sending (550 no such user)',
      'opened bob failed (550 no such user)',
    ]);
    await pass(1);
    expect(taken()).toEqual(['ada@example.com: disk-full · House 1']);
  });

  test('holds what is too much for one address, and says it all in one mail later', async () => {
    await policy({ recipients: [user(await person('ada'))], delaySeconds: 0, bundleMinutes: 0 });
    const all = await houses(MAILS_PER_ADDRESS_MAX + 15);
    for (const house of all) {
      await open([house]);
      nowMs += 1000;
      await tick();
    }
    expect(mails).toHaveLength(MAILS_PER_ADDRESS_MAX);
    mails.splice(0);
    await pass(6);
    expect(taken()).toEqual([expect.stringMatching(/^ada@example\.com: 15 messages · disk-full · House /)]);
  });
});

test('two workers at once tell everybody once', async () => {
  const people = await Promise.all(['ada', 'bob', 'eve'].map((name) => person(name)));
  await policy({ recipients: people.map(user) });
  await open(await houses(200));
  await open(await houses(200), 'too-hot');
  for (let at = 0; at < 8; at++) {
    nowMs += 30_000;
    await Promise.all([tick(), tick(), tick()]);
  }
  const told = mails.flatMap(({ to, text }) =>
    [...text.matchAll(/^(disk-full|too-hot) · /gm)].map(([what]) => `${to} ${what}`),
  );
  expect(told.length).toBe(6);
  expect(new Set(told).size).toBe(6);
  expect(mails.length).toBeLessThanOrEqual(6);
  expect(await countRows(store.database, 'notification_changes')).toBe(0);
});
