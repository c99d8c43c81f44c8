import { afterAll, beforeAll, expect, test } from 'bun:test';
import { startTestApi, type SignedIn, type TestApi } from './test-api.ts';

let api: TestApi;
let administrator: SignedIn;
beforeAll(async () => {
  api = await startTestApi();
  administrator = await api.signIn(api.context.firstTenantId, [{ roleId: 'administrator', groupIds: null }]);
}, 60_000);
afterAll(() => api[Symbol.asyncDispose]());

async function ask(who: SignedIn, method: string, path: string, body: unknown) {
  const answer = await api.call(who.token, method, `/api/v1${path}`, body);
  return { status: answer.status, body: (await answer.json()) as { id: string; code?: string } };
}

const command = { kind: 'command', name: 'restart-client', parameters: {}, onSensor: false, timeoutMs: 5_000 };
const fix = (enabled: boolean) => ({
  rule: 'memory-pressure',
  title: 'Start again',
  steps: [],
  risk: 'low',
  takesMs: null,
  parameters: [],
  actions: [command],
  checkMs: 1_000,
  automatic: { enabled, perHouseAndDayMax: 1, perHourMax: 1, minSuccess: 0, severities: [], groupIds: [] },
});

test('who may write fixes, but not run them on all houses, makes none that runs by itself', async () => {
  const permissions = ['fleet.read', 'fix.write'];
  const role = await ask(administrator, 'POST', '/roles', { name: 'Author', permissions });
  const group = await ask(administrator, 'POST', '/groups', { name: 'Some' });
  const author = await api.signIn(api.context.firstTenantId, [
    { roleId: role.body.id, groupIds: null },
    { roleId: 'operator', groupIds: [group.body.id] },
  ]);
  expect(await ask(author, 'POST', '/fixes', fix(true))).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
  const made = await ask(author, 'POST', '/fixes', fix(false));
  expect(made).toMatchObject({ status: 201 });
  const { automatic } = fix(true);
  expect((await ask(author, 'PATCH', `/fixes/${made.body.id}`, { automatic })).status).toBe(403);
  expect((await ask(administrator, 'PATCH', `/fixes/${made.body.id}`, { automatic })).status).toBe(200);
  // Nor does the author change what runs by itself now.
  expect((await ask(author, 'PATCH', `/fixes/${made.body.id}`, { title: 'Mine' })).status).toBe(403);
});

test('of fixes that nobody has tried, the one with the least risk is offered first', async () => {
  const rule = 'sensor-silent';
  for (const [title, risk] of [
    ['A reboot', 'high'],
    ['B restart', 'medium'],
    ['C look', 'low'],
  ])
    expect((await ask(administrator, 'POST', '/fixes', { ...fix(false), rule, title, risk })).status).toBe(201);
  const answer = await api.call(administrator.token, 'GET', `/api/v1/fixes?rule=${rule}`);
  const { items } = (await answer.json()) as { items: { title: string; origin: string }[] };
  expect(items.filter(({ origin }) => origin === 'own').map(({ title }) => title)).toEqual([
    'C look',
    'B restart',
    'A reboot',
  ]);
});
