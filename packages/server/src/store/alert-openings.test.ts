/** What becomes of a problem that comes back, and the timelines of alerts. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { AlertAction, AlertDetail } from '@lovely/api';
import { ALL_DEVICES } from '../domain/device-scope.ts';
import { ALERT_COMMENTS_MAX, ALERT_EVENTS_MAX } from '../limits.ts';
import { changeAlerts } from './alert-changes.ts';
import { recordAlertEvent } from './alert-events.ts';
import { getAlert } from './alert-lists.ts';
import { deleteOldAlerts } from './alert-retention.ts';
import { applyAlertEvents } from './alerts.ts';
import { generateFleet } from './generated-fleet.ts';
import { listAwayDevices } from './presence.ts';
import type { Store } from './store.ts';
import { ensureFirstTenant, updateTenant } from './tenants.ts';
import { startEmbeddedDatabases, type TestDatabases } from './test-databases.ts';

const RULE = 'disk-almost-full';
const by = { id: randomUUID(), name: 'Ada' };

let databases: TestDatabases;
let store: Store;
let tenantId: string;
let deviceId: string;
beforeAll(async () => {
  databases = await startEmbeddedDatabases();
  store = await databases.open();
  tenantId = (await ensureFirstTenant(store.database)).id;
  await generateFleet(store.database, tenantId, 5);
  await store.database.deleteFrom('alerts').execute();
  ({ id: deviceId } = await store.database.selectFrom('devices').select('id').limit(1).executeTakeFirstOrThrow());
}, 60_000);
afterAll(() => databases[Symbol.asyncDispose]());

const START_MS = Date.now() - 3600_000;
/** An event so many minutes after the start. */
const at = (minute: number, source: string) => ({
  deviceId,
  ts: new Date(START_MS + minute * 60_000),
  source,
  rule: RULE,
});
async function raise(minute: number, source: string): Promise<string | undefined> {
  const { alerts } = await applyAlertEvents(store, [
    { ...at(minute, source), kind: 'raise', severity: 'critical', description: `full at ${minute}`, values: {} },
  ]);
  return alerts[0]?.alertId;
}
const clear = (minute: number, source: string) => applyAlertEvents(store, [{ ...at(minute, source), kind: 'clear' }]);
const read = (id: string): Promise<AlertDetail> => getAlert(store.of(tenantId), tenantId, ALL_DEVICES, id);
const act = (id: string, action: AlertAction) =>
  store.database
    .transaction()
    .execute((transaction) =>
      changeAlerts(transaction, action, { tenantId, which: { alertIds: [id] }, scope: ALL_DEVICES, by, limit: 10 }),
    );

test('a problem that comes back within minutes is the same alert, a later one is new', async () => {
  const id = await raise(0, '/a');
  await act(id!, { kind: 'acknowledge' });
  await clear(5, '/a');
  expect(await raise(12, '/a')).toBe(id);
  const alert = await read(id!);
  expect(alert).toMatchObject({
    state: 'acknowledged',
    count: 2,
    reopened: 1,
    closedAt: null,
    description: 'full at 12',
  });
  expect(alert.timeline.map(({ kind }) => kind)).toEqual(['opened', 'acknowledged', 'closed', 'reopened']);
  await clear(13, '/a');
  const later = await raise(40, '/a');
  expect([typeof later, later === id]).toEqual(['string', false]);
});

test('a tenant says how soon that is, and whether at all', async () => {
  await updateTenant(store.database, tenantId, { settings: { alertReopenMinutes: 0 } });
  const id = await raise(0, '/b');
  await clear(1, '/b');
  expect(await raise(2, '/b')).not.toBe(id);
  await updateTenant(store.database, tenantId, { settings: { alertReopenMinutes: 30 } });
  const other = await raise(3, '/c');
  await clear(4, '/c');
  expect(await raise(30, '/c')).toBe(other);
  await updateTenant(store.database, tenantId, { settings: { alertReopenMinutes: 15 } });
});

test('what a person closed is to be looked at anew when the gateway raises it again, hours later too', async () => {
  const id = (await raise(0, '/d'))!;
  await act(id, { kind: 'acknowledge' });
  await act(id, { kind: 'resolve', reason: 'cleaned up' });
  expect(await raise(59, '/d')).toBe(id);
  expect(await read(id)).toMatchObject({ state: 'open', acknowledgedBy: null, closedBy: null, closeReason: null });
});

test('repeated raises are one entry with a count, and a flapping alert has a bounded timeline that keeps comments', async () => {
  const id = (await raise(0, '/e'))!;
  await act(id, { kind: 'comment', text: 'It flaps.' });
  for (let n = 0; n < 110; n++) {
    await clear(n / 100, '/e');
    await raise(n / 100, '/e');
  }
  const repeats = Array.from({ length: 10_000 }, () => ({ ...at(2, '/e'), kind: 'raise' as const }));
  await applyAlertEvents(
    store,
    repeats.map((event) => ({ ...event, severity: 'critical', description: 'full', values: {} })),
  );
  const { timeline, count, reopened, comments } = await read(id);
  expect([count, reopened, comments]).toEqual([10_111, 110, 1]);
  expect(timeline[0]).toMatchObject({ kind: 'comment', text: 'It flaps.' });
  expect(timeline.find(({ kind }) => kind === 'raised')?.details).toEqual({ count: 10_000 });
  expect(timeline.length).toBeLessThanOrEqual(ALERT_EVENTS_MAX + 2);
}, 60_000);

test('others add to a timeline, and comments are limited', async () => {
  const id = (await raise(0, '/f'))!;
  await recordAlertEvent(store.database, {
    tenantId,
    alertId: id,
    kind: 'fix-run',
    text: 'Ran.',
    details: { fixId: '1' },
  });
  await recordAlertEvent(store.database, { tenantId, alertId: randomUUID(), kind: 'notified' });
  expect((await read(id)).timeline.map(({ kind, text }) => [kind, text])).toEqual([
    ['opened', 'full at 0'],
    ['fix-run', 'Ran.'],
  ]);
  await sql`update alerts set comments = ${ALERT_COMMENTS_MAX} where id = ${id}`.execute(store.database);
  expect((await act(id, { kind: 'comment', text: 'one more' })).alertIds).toEqual([]);
});

test('closed alerts go after their time with their timelines, open ones stay', async () => {
  const old = (await raise(0, '/g'))!;
  const open = (await raise(0, '/h'))!;
  await clear(1, '/g');
  await sql`update alerts set opened_at = now() - interval '500 days',
    closed_at = case when closed_at is not null then now() - interval '499 days' end where id in (${old}, ${open})`.execute(
    store.database,
  );
  await deleteOldAlerts(store.database);
  const left = await store.database.selectFrom('alerts').select('id').where('id', 'in', [old, open]).execute();
  expect(left).toEqual([{ id: open }]);
});

test('who restarts for an update is given its time before it counts as lost', async () => {
  const left = (minutes: number, reason: string) =>
    sql`update presence set connected = false, changed_at = now() - make_interval(mins => ${minutes}::int), reason = ${reason}
      where device_id = ${deviceId}`.execute(store.database);
  const away = async () =>
    (await listAwayDevices(store.database, { afterMs: 30_000, restartMs: 15 * 60_000, limit: 100 })).filter(
      (device) => device.deviceId === deviceId,
    ).length;
  await sql`update devices set status = 'accepted' where id = ${deviceId}`.execute(store.database);
  await left(5, 'rebooting-for-update');
  expect(await away()).toBe(0);
  await left(5, 'timeout');
  expect(await away()).toBe(1);
  await left(16, 'rebooting-for-update');
  expect(await away()).toBe(1);
});
