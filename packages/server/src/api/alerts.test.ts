/** What people do about alerts, through the API; the store's own tests are in store/alert-changes.test.ts. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { Alert, AlertDetail, AlertsChanged, Device, Incident } from '@lovely/api';
import { eventAny, type Event } from '../bus/subjects.ts';
import { subscribeTo } from '../bus/topic.ts';
import { applyAlertEvents } from '../store/alerts.ts';
import { generateFleet } from '../store/generated-fleet.ts';
import { startTestApi, type SignedIn, type TestApi } from './test-api.ts';

let api: TestApi;
let tenantId: string;
let ids: string[];
let operator: SignedIn;
let group: string;
/** Sees and looks after the first two houses only. */
let limited: SignedIn;
beforeAll(async () => {
  api = await startTestApi();
  tenantId = api.context.firstTenantId;
  const { database } = api.context.store;
  await generateFleet(database, tenantId, 20);
  await database.deleteFrom('alerts').execute();
  await database.updateTable('devices').set({ status: 'accepted', health: 'ok' }).execute();
  ids = (await database.selectFrom('devices').select('id').orderBy('created_at').execute()).map(({ id }) => id);
  const administrator = await api.signIn(tenantId, [{ roleId: 'administrator', groupIds: null }]);
  operator = await api.signIn(tenantId, [{ roleId: 'operator', groupIds: null }]);
  ({ id: group } = await ask<{ id: string }>(administrator, 'POST', '/groups', { name: 'two', filter: null }));
  await ask(administrator, 'POST', `/groups/${group}/devices`, { deviceIds: ids.slice(0, 2) });
  limited = await api.signIn(tenantId, [{ roleId: 'operator', groupIds: [group] }]);
}, 60_000);
afterAll(() => api[Symbol.asyncDispose]());

async function ask<T>(who: SignedIn, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await api.call(who.token, method, `/api/v1${path}`, body);
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function raise(deviceId: string, source = `/${randomUUID()}`): Promise<string> {
  const event = { deviceId, ts: new Date(), source, rule: 'disk-almost-full' };
  const values = { value: 97, source };
  const { alerts } = await applyAlertEvents(api.context.store, [
    { ...event, kind: 'raise', severity: 'critical', description: 'full', values },
  ]);
  return alerts[0]!.alertId;
}

const healthOf = async (id: string) => (await ask<Device>(operator, 'GET', `/devices/${id}`)).health;
const inAnHour = () => new Date(Date.now() + 3600_000).toISOString();

test('an alert is acknowledged, assigned, commented, resolved and opened again, and its timeline tells it all', async () => {
  const id = await raise(ids[3]!);
  const colleague = await api.signIn(tenantId, [{ roleId: 'viewer', groupIds: null }]);
  const told: Event<'alert'>[] = [];
  const subscription = subscribeTo(api.context.bus, eventAny('alert'), (events) => void told.push(...events));
  const acknowledged = await ask<Alert>(operator, 'POST', `/alerts/${id}/acknowledgement`);
  expect([acknowledged.state, acknowledged.acknowledgedBy?.id]).toEqual(['acknowledged', operator.userId]);
  expect(await healthOf(ids[3]!)).toBe('critical');
  await ask(operator, 'PUT', `/alerts/${id}/assignee`, { userId: colleague.userId });
  await ask(operator, 'POST', `/alerts/${id}/comments`, { text: 'On my way.' });
  const resolved = await ask<Alert>(operator, 'POST', `/alerts/${id}/resolution`, { reason: 'New disk.' });
  expect(resolved).toMatchObject({ state: 'closed', closedBy: 'user', closeReason: 'New disk.', comments: 1 });
  expect(resolved.assignee?.id).toBe(colleague.userId);
  expect(await healthOf(ids[3]!)).toBe('ok');
  expect((await ask<Alert>(operator, 'DELETE', `/alerts/${id}/resolution`)).state).toBe('acknowledged');
  expect(await healthOf(ids[3]!)).toBe('critical');
  const { timeline } = await ask<AlertDetail>(operator, 'GET', `/alerts/${id}`);
  expect(timeline.map(({ kind, by, text }) => [kind, by?.id, text])).toEqual([
    ['opened', undefined, 'full'],
    ['acknowledged', operator.userId, ''],
    ['assigned', operator.userId, ''],
    ['comment', operator.userId, 'On my way.'],
    ['closed', operator.userId, 'New disk.'],
    ['reopened', operator.userId, ''],
  ]);
  await subscription.close();
  expect(told.map(({ change }) => change)).toEqual(['acknowledged', 'assigned', 'commented', 'closed', 'reopened']);
});

test('doing what is done already changes nothing and is no entry', async () => {
  const id = await raise(ids[4]!);
  await ask(operator, 'POST', `/alerts/${id}/acknowledgement`);
  await ask(operator, 'POST', `/alerts/${id}/acknowledgement`);
  await ask(operator, 'DELETE', `/alerts/${id}/snooze`);
  const { timeline } = await ask<AlertDetail>(operator, 'GET', `/alerts/${id}`);
  expect(timeline.map(({ kind }) => kind)).toEqual(['opened', 'acknowledged']);
});

test('a snoozed alert turns no house red and counts nowhere until its snooze is over', async () => {
  const id = await raise(ids[5]!);
  const before = await ask<{ groups: { devices: number }[] }>(operator, 'GET', '/fleet');
  expect((await ask<Alert>(operator, 'POST', `/alerts/${id}/snooze`, { until: inAnHour() })).state).toBe('snoozed');
  expect(await healthOf(ids[5]!)).toBe('ok');
  const after = await ask<{ groups: { devices: number }[] }>(operator, 'GET', '/fleet');
  expect((after.groups[0]?.devices ?? 0) - before.groups[0]!.devices).toBe(-1);
  expect((await ask<Alert>(operator, 'DELETE', `/alerts/${id}/snooze`)).state).toBe('open');
  expect(await healthOf(ids[5]!)).toBe('critical');
  const past = await api.call(operator.token, 'POST', `/api/v1/alerts/${id}/snooze`, {
    until: new Date(0).toISOString(),
  });
  expect(past.status).toBe(422);
});

test('who may change some houses only, changes their alerts and no others, and learns nothing of those', async () => {
  const [mine, theirs] = [await raise(ids[0]!), await raise(ids[6]!)];
  expect((await api.call(limited.token, 'POST', `/api/v1/alerts/${theirs}/acknowledgement`)).status).toBe(404);
  const viewer = await api.signIn(tenantId, [{ roleId: 'viewer', groupIds: null }]);
  expect((await api.call(viewer.token, 'POST', `/api/v1/alerts/${mine}/acknowledgement`)).status).toBe(403);
  const which = { alertIds: [mine, theirs] };
  const changed = await ask<AlertsChanged>(limited, 'POST', '/alerts/changes', {
    which,
    action: { kind: 'acknowledge' },
  });
  expect(changed).toEqual({ alertIds: [mine], more: false });
  expect((await ask<Alert>(operator, 'GET', `/alerts/${theirs}`)).state).toBe('open');
  const { counts } = await ask<{ counts: Record<string, number> }>(limited, 'GET', '/alerts/facets');
  expect(counts).toMatchObject({ open: 0, acknowledged: 1, snoozed: 0 });
});

test('nobody is made to look after a house that they may not see', async () => {
  const id = await raise(ids[7]!);
  const assign = (userId: string) => api.call(operator.token, 'PUT', `/api/v1/alerts/${id}/assignee`, { userId });
  expect((await assign(limited.userId)).status).toBe(422);
  expect((await assign(randomUUID())).status).toBe(422);
  const stranger = await api.signIn(await api.makeTenant('others'), [{ roleId: 'administrator', groupIds: null }]);
  expect((await assign(stranger.userId)).status).toBe(422);
  const { items } = await ask<{ items: { id: string }[] }>(operator, 'GET', `/alerts/${id}/assignees`);
  const offered = items.map((person) => person.id);
  expect([offered.includes(operator.userId), offered.includes(limited.userId)]).toEqual([true, false]);
  const which = { alertIds: [id, await raise(ids[1]!)] };
  const action = { kind: 'assign', userId: limited.userId };
  const { alertIds } = await ask<AlertsChanged>(operator, 'POST', '/alerts/changes', { which, action });
  expect(alertIds).toEqual([which.alertIds[1]!]);
  const mine = await ask<{ items: Alert[] }>(limited, 'GET', '/alerts?assignee=me');
  expect(mine.items.map((alert) => alert.id)).toEqual(alertIds);
});

test('all alerts of a rule are changed at once, and the answer undoes it', async () => {
  const { items: active } = await ask<{ items: Alert[] }>(operator, 'GET', '/alerts?state=active');
  const which = { rule: 'disk-almost-full' };
  const done = await ask<AlertsChanged>(operator, 'POST', '/alerts/changes', { which, action: { kind: 'resolve' } });
  expect(done.alertIds.toSorted()).toEqual(active.map(({ id }) => id).sort());
  expect((await ask<{ items: Alert[] }>(operator, 'GET', '/alerts?state=active')).items).toEqual([]);
  const undo = { which: { alertIds: done.alertIds }, action: { kind: 'reopen' } };
  expect((await ask<AlertsChanged>(operator, 'POST', '/alerts/changes', undo)).alertIds.toSorted()).toEqual(
    done.alertIds.toSorted(),
  );
});

test('an incident is handled as one thing, by whoever may change all of its houses', async () => {
  const { database } = api.context.store;
  const { id } = await database
    .insertInto('incidents')
    .values({ tenant_id: tenantId, rule: 'disk-almost-full', kind: 'place', severity: 'critical', traits: '[]' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const alertIds = await Promise.all(ids.slice(0, 4).map((deviceId) => raise(deviceId)));
  await database.updateTable('alerts').set({ incident_id: id }).where('id', 'in', alertIds).execute();
  const change = (who: SignedIn, action: unknown) =>
    ask<AlertsChanged>(who, 'POST', `/incidents/${id}/changes`, { action });
  expect((await change(limited, { kind: 'acknowledge' })).alertIds).toHaveLength(2);
  const seen = await ask<Incident>(limited, 'GET', `/incidents/${id}`);
  expect([seen.houses, seen.state, seen.where]).toEqual([2, 'open', '']);
  expect((await change(operator, { kind: 'acknowledge' })).alertIds).toHaveLength(2);
  const acknowledged = await ask<Incident>(operator, 'GET', `/incidents/${id}`);
  expect(acknowledged).toMatchObject({ state: 'acknowledged', houses: 4, title: 'Disk almost full · 4 houses' });
  const { items } = await ask<{ items: Alert[] }>(operator, 'GET', `/alerts?incidentId=${id}&state=acknowledged`);
  expect(items).toHaveLength(4);
  const resolved = await change(operator, { kind: 'resolve', reason: 'false alarm' });
  expect(resolved.alertIds).toHaveLength(4);
  expect((await ask<Incident>(operator, 'GET', `/incidents/${id}`)).state).toBe('closed');
  await change(operator, { kind: 'reopen' });
  expect((await ask<Incident>(operator, 'GET', `/incidents/${id}`)).state).toBe('acknowledged');
  const actions = await database
    .selectFrom('audit_entries')
    .select('action')
    .where('action', '=', 'incident.change')
    .execute();
  expect(actions).toHaveLength(4);
});
