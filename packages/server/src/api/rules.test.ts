import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { Result, Rule, RuleVersion, backtestRule, previewRule } from '@lovely/api';
import { rulesChanged } from '../bus/subjects.ts';
import { subscribeTo } from '../bus/topic.ts';
import { defaultRule } from '../domain/default-rules.ts';
import { RULES_OF_TENANT_MAX } from '../limits.ts';
import { generateFleet } from '../store/generated-fleet.ts';
import { addDefaultRules, insertRule } from '../store/rules.ts';
import { storeTopologies } from '../store/sensors.ts';
import { storeStatus } from '../store/status.ts';
import { startTestApi, TEST_ORIGIN, type SignedIn, type TestApi } from './test-api.ts';

let api: TestApi;
let tenantId: string;
let administrator: SignedIn;
let viewer: SignedIn;
let deviceIds: string[];
let messages = 0;
beforeAll(async () => {
  api = await startTestApi();
  tenantId = api.context.firstTenantId;
  administrator = await api.signIn(tenantId, [{ roleId: 'administrator', groupIds: null }]);
  viewer = await api.signIn(tenantId, [{ roleId: 'viewer', groupIds: null }]);
  await generateFleet(api.context.store.database, tenantId, 20);
  const { database } = api.context.store;
  await database.updateTable('devices').set({ status: 'accepted' }).execute();
  deviceIds = (await database.selectFrom('devices').select('id').execute()).map(({ id }) => id);
}, 60_000);
afterAll(() => api[Symbol.asyncDispose]());

const draft = (parts: object = {}) => ({
  key: `rule-${randomUUID()}`,
  title: 'Kitchen too hot',
  severity: 'warning',
  description: '{sensor} is at {value} °C.',
  watch: { kind: 'threshold', metric: 'oven.celsius', direction: 'above', raiseAt: 100, clearAt: 90, forMs: 60_000 },
  of: { kind: 'sensors', kinds: ['oven'], models: [] },
  ...parts,
});
const gateway = (watch: object) => draft({ of: { kind: 'gateway' }, watch });

async function call<T>(method: string, path: string, body?: unknown, who = administrator): Promise<T> {
  const answer = await api.call(who.token, method, `/api/v1/rules${path}`, body);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${(JSON.parse(text) as { code: string; pointer?: string }).code}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
const refusal = (method: string, path: string, body?: unknown, who = administrator): Promise<string> =>
  call(method, path, body, who).then(
    () => 'done',
    (error: Error) => error.message,
  );

describe('what people do with rules', () => {
  test('a rule is made, changed from the version that was seen, and keeps what it was', async () => {
    const made = await call<Rule>('POST', '', draft());
    expect(made).toMatchObject({ version: 1, origin: 'own', edited: false, enabled: true, evaluatedBy: 'device' });
    const path = `/${made.key}`;
    const stale = await api.call(administrator.token, 'PATCH', `/api/v1/rules${path}`, { severity: 'critical' });
    expect(((await stale.json()) as Rule).version).toBe(2);
    const request = new Request(`${TEST_ORIGIN}/api/v1/rules${path}`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${administrator.token}`,
        'content-type': 'application/json',
        'if-match': '"1"',
      },
      body: '{"enabled":false}',
    });
    expect(((await api.api.answer(request, '127.0.0.1')) as Response).status).toBe(412);
    const versions = await call<{ items: RuleVersion[] }>('GET', `${path}/versions`);
    expect(versions.items.map(({ version, rule }) => [version, rule.severity])).toEqual([
      [2, 'critical'],
      [1, 'warning'],
    ]);
    expect(await call<Rule>('GET', path, undefined, viewer)).toMatchObject({ version: 2, severity: 'critical' });
    await call('DELETE', path);
    expect(await refusal('GET', path)).toBe('404 not-found');
    expect(await refusal('GET', `${path}/versions`)).toBe('404 not-found');
  });

  test('a built-in rule can be changed and reset, and not deleted', async () => {
    const path = '/disk-almost-full';
    const wanted = { ...defaultRule('disk-almost-full')!.watch, raiseAt: 95 };
    expect(await call<Rule>('PATCH', path, { watch: wanted })).toMatchObject({ edited: true, watch: wanted });
    await addDefaultRules(api.context.store.database);
    expect(await call<Rule>('GET', path)).toMatchObject({ edited: true, watch: wanted });
    expect(await refusal('DELETE', path)).toBe('409 rule-built-in');
    expect(await call<Rule>('POST', `${path}/reset`)).toMatchObject({
      edited: false,
      ...defaultRule('disk-almost-full'),
    });
    const own = await call<Rule>('POST', '', draft());
    expect(await refusal('POST', `/${own.key}/reset`)).toBe('400 bad-request');
    await call('DELETE', `/${own.key}`);
  });

  test('a default rule that nobody changed follows a newer release, and one that is missing comes', async () => {
    const { database } = api.context.store;
    await database.updateTable('rules').set({ title: 'As it was once' }).where('key', '=', 'oven-left-on').execute();
    await database.deleteFrom('rules').where('key', '=', 'bulb-unreachable').execute();
    await Promise.all([addDefaultRules(database), addDefaultRules(database)]);
    const after = await call<Rule>('GET', '/oven-left-on');
    expect([after.title, after.version]).toEqual([defaultRule('oven-left-on')!.title, 2]);
    expect((await call<Rule>('GET', '/bulb-unreachable')).version).toBe(1);
    expect((await call<{ items: RuleVersion[] }>('GET', '/oven-left-on/versions')).items.length).toBe(2);
  });

  test('what does not fit together is refused, with where', async () => {
    const threshold = { kind: 'threshold', metric: 'm', direction: 'above', raiseAt: 1, clearAt: 0, forMs: 0 };
    const log = { kind: 'log', unit: '', path: '', pattern: 'x', count: 1, windowMs: 1000, quietMs: 1000 };
    const signal = { kind: 'signal', interface: 'a.B', member: 'C', path: '', clearMember: '', quietMs: 0 };
    const bad = [
      gateway({ ...threshold, clearAt: 2 }),
      gateway({ ...threshold, metric: 'a.*.*' }),
      draft({ watch: { ...threshold, metric: 'a.*' } }),
      draft({ watch: log }),
      gateway({ ...log, pattern: '(' }),
      gateway({ ...log, pattern: '(a{90}){90}' }),
      gateway({ ...log, path: 'relative' }),
      gateway({ ...log, unit: 'sshd', path: '/var/log/syslog' }),
      gateway(signal),
      gateway({ kind: 'offline', forMs: 60_000 }),
      { ...gateway({ kind: 'clone' }), evaluatedBy: 'server' },
      { ...gateway(log), evaluatedBy: 'server' },
      draft({ target: { deviceTypes: [], groupIds: [randomUUID()], deviceIds: [] } }),
      draft({ target: { deviceTypes: [], groupIds: [], deviceIds: [randomUUID()] } }),
      draft({
        description: 'ä'.repeat(1000),
        of: {
          kind: 'sensors',
          kinds: Array.from({ length: 20 }, (_, at) => '😀'.repeat(31) + at),
          models: Array.from({ length: 20 }, (_, at) => '😀'.repeat(31) + at),
        },
      }),
      draft({ key: 'Not A Key' }),
    ];
    for (const body of bad) expect(await refusal('POST', '', body)).toBe('422 bad-input');
    expect(await refusal('PATCH', '/gateway-offline', { watch: threshold, evaluatedBy: 'device' })).toBe(
      '422 bad-input',
    );
    const target = { deviceTypes: ['x'], groupIds: [], deviceIds: [] };
    expect(await refusal('PATCH', '/gateway-offline', { target })).toBe('422 bad-input');
  });

  test('whoever may only look changes nothing, and another tenant sees nothing of it', async () => {
    const { key } = await call<Rule>('POST', '', draft());
    for (const [method, path] of [
      ['POST', ''],
      ['PATCH', `/${key}`],
      ['DELETE', `/${key}`],
      ['POST', `/${key}/reset`],
    ] as const)
      expect(await refusal(method, path, method === 'POST' && path === '' ? draft() : {}, viewer)).toBe(
        '403 not-allowed',
      );
    const other = await api.signIn(await api.makeTenant(randomUUID()), [{ roleId: 'administrator', groupIds: null }]);
    expect(await refusal('GET', `/${key}`, undefined, other)).toBe('404 not-found');
    expect(await refusal('DELETE', `/${key}`, undefined, other)).toBe('404 not-found');
    expect(await refusal('POST', '', draft({ key }), administrator)).toBe('409 name-taken');
    await call('DELETE', `/${key}`);
  });

  test('there are only so many', async () => {
    const tenant = await api.makeTenant(randomUUID());
    const { database } = api.context.store;
    const { title, severity, description, watch, of, target, cause, suggestion, evaluatedBy, enabled } =
      defaultRule('oven-left-on')!;
    const rule = { title, severity, description, watch, of, target, cause, suggestion, evaluatedBy, enabled };
    for (let at = 0; at < RULES_OF_TENANT_MAX; at++) await insertRule(database, tenant, { ...rule, key: `r${at}` }, '');
    const more = insertRule(database, tenant, { ...rule, key: 'more' }, '').catch((error: Error) => error.message);
    expect(await more).toBe('There are 200 rules already.');
  });

  test('a change is audited with what differs, and told to the hubs', async () => {
    const told: string[] = [];
    await using _ = { [Symbol.asyncDispose]: () => subscription.close() };
    const subscription = subscribeTo(api.context.bus, rulesChanged, ({ tenant }) => void told.push(tenant));
    await call('PATCH', '/heating-flow-cold', { enabled: false });
    await call('POST', '/heating-flow-cold/reset');
    const audit = await api.call(administrator.token, 'GET', '/api/v1/audit?object=heating-flow-cold&limit=10');
    const { items } = (await audit.json()) as { items: { action: string; object: { id: string }; change: unknown }[] };
    const mine = items.filter(({ object }) => object.id === 'heating-flow-cold');
    expect(mine.map(({ action }) => action)).toEqual(['rule.reset', 'rule.update']);
    expect(mine[1]!.change).toEqual({ enabled: { before: true, after: false } });
    expect(told).toEqual([tenantId, tenantId]);
  });
});

describe('what a rule would do', () => {
  const HOUR_MS = 3600_000;
  let from: number;
  beforeAll(async () => {
    from = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 48 * HOUR_MS;
    for (const deviceId of deviceIds.slice(0, 3)) {
      const oven = { id: 'oven-1', kind: 'oven', name: 'Oven', model: '', serial: '', firmware: '', place: '' };
      await storeTopologies(api.context.store, [{ deviceId, messageId: ++messages, sensors: [oven] }]);
    }
    // The first house: too hot for an hour each at hours 1 and 5; the second once, until now; the third never.
    const told: [house: number, hour: number, celsius: number][] = [
      [0, 0, 20],
      [0, 1, 120],
      [0, 2, 20],
      [0, 5, 130],
      [0, 6, 95],
      [0, 7, 20],
      [1, 3, 150],
      [2, 3, 99],
    ];
    await storeStatus(
      api.context.store,
      told.map(([house, hour, celsius]) => ({
        tenantId,
        deviceId: deviceIds[house]!,
        source: 'oven-1',
        tsMs: from + hour * HOUR_MS,
        values: { 'oven.celsius': celsius },
      })),
    );
  });

  const tryOut = (rule: object, who = administrator) =>
    call<Result<typeof backtestRule>>(
      'POST',
      '/backtest',
      { rule, from: new Date(from).toISOString(), to: new Date(from + 24 * HOUR_MS).toISOString() },
      who,
    );

  test('it is tried on what was, as a device would have seen it', async () => {
    const tried = await tryOut(draft());
    const at = (hour: number, minutes = 0) => new Date(from + hour * HOUR_MS + minutes * 60_000).toISOString();
    expect([tried.fires, tried.houses, tried.devices, tried.complete]).toEqual([3, 2, 3, true]);
    expect(tried.sample.map(({ openedAt, closedAt }) => [openedAt, closedAt])).toEqual([
      [at(5, 1), at(7)],
      [at(3, 1), null],
      [at(1, 1), at(2)],
    ]);
    expect(tried.sample[0]!.description).toBe('Oven is at 130 °C.');
    expect(tried.worst[0]).toMatchObject({ deviceId: deviceIds[0]!, fires: 2, openMs: 178 * 60_000 });
    expect(tried.over.reduce((sum, { fires }) => sum + fires, 0)).toBe(3);
  });

  test('it is tried on the houses that it is for and that one may see', async () => {
    const target = { deviceTypes: [], groupIds: [], deviceIds: [deviceIds[1]!] };
    expect((await tryOut(draft({ target }))).fires).toBe(1);
    const group = await api.call(administrator.token, 'POST', '/api/v1/groups', { name: randomUUID() });
    const { id } = (await group.json()) as { id: string };
    await api.call(administrator.token, 'POST', `/api/v1/groups/${id}/devices`, { deviceIds: [deviceIds[0]!] });
    const some = await api.signIn(tenantId, [{ roleId: 'viewer', groupIds: [id] }]);
    expect((await tryOut(draft(), some)).fires).toBe(2);
    const preview = await call<Result<typeof previewRule>>('POST', '/preview', {
      of: { kind: 'sensors', kinds: ['oven'], models: [] },
      target: { deviceTypes: [], groupIds: [id], deviceIds: [deviceIds[1]!] },
    });
    expect([preview.devices, preview.sensors, new Set(preview.sample.map((one) => one.id))]).toEqual([
      2,
      2,
      new Set([deviceIds[0]!, deviceIds[1]!]),
    ]);
    const all = { of: { kind: 'gateway' }, target: { deviceTypes: [], groupIds: [], deviceIds: [] } };
    expect(await call<Result<typeof previewRule>>('POST', '/preview', all, some)).toMatchObject({
      devices: 1,
      sensors: null,
    });
  });

  test('what history knows nothing of is refused', async () => {
    const service = { kind: 'service', targets: ['sshd'], forMs: 0 };
    const refused = { rule: gateway(service), from: new Date(from).toISOString(), to: new Date().toISOString() };
    expect(await refusal('POST', '/backtest', refused)).toBe('422 bad-input');
    expect(await refusal('POST', '/backtest', { ...refused, rule: draft(), to: refused.from })).toBe('422 bad-input');
  });
});
