import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { createMemoryBus } from '../bus/memory.ts';
import { eventAny } from '../bus/subjects.ts';
import { subscribeTo } from '../bus/topic.ts';
import type { Rule } from '../domain/rule.ts';
import { generateFleet } from '../store/generated-fleet.ts';
import { deleteRule, EVERY_HOUSE, insertRule, lockRule, updateRule } from '../store/rules.ts';
import { storeTopologies } from '../store/sensors.ts';
import { storeStatus } from '../store/status.ts';
import type { Store } from '../store/store.ts';
import { startEmbeddedDatabases, type TestDatabases } from '../store/test-databases.ts';
import { ensureFirstTenant } from '../store/tenants.ts';
import { createRuleWatch } from './rule-watch.ts';

let databases: TestDatabases;
let store: Store;
let tenantId: string;
let deviceIds: string[];
let deviceId: string;
let key: string;
let look: () => Promise<void>;
let announced: string[];
const bus = createMemoryBus({
  onError: (error) => {
    throw error;
  },
});
beforeAll(async () => {
  databases = await startEmbeddedDatabases();
  store = await databases.open();
  tenantId = (await ensureFirstTenant(store.database)).id;
  await generateFleet(store.database, tenantId, 30);
  await store.database.updateTable('devices').set({ status: 'accepted' }).execute();
  await store.database.deleteFrom('alerts').execute();
  deviceIds = (await store.database.selectFrom('devices').select('id').execute()).map(({ id }) => id);
  look = createRuleWatch({ store, bus });
  subscribeTo(bus, eventAny('alert'), (events) => void announced.push(...events.map(({ change }) => change)));
}, 60_000);
afterAll(async () => {
  await bus.close();
  await databases[Symbol.asyncDispose]();
});
beforeEach(async () => {
  deviceId = deviceIds.pop()!;
  key = `own-${randomUUID()}`;
  announced = [];
  await store.database.deleteFrom('rules').where('origin', '=', 'own').execute();
});

const make = async (watch: Rule['watch'], parts: Partial<Rule> = {}): Promise<Rule> => {
  const rule: Rule = {
    key,
    title: 'Disk',
    severity: 'critical',
    description: 'at {value}',
    cause: '',
    suggestion: [],
    watch,
    of: { kind: 'gateway' },
    target: { ...EVERY_HOUSE, deviceIds: [deviceId] },
    evaluatedBy: 'server',
    enabled: true,
    ...parts,
  };
  await insertRule(store.database, tenantId, rule, 'ada@example.com');
  return rule;
};
const HIGH: Rule['watch'] = {
  kind: 'threshold',
  metric: 'disk.used',
  direction: 'above',
  raiseAt: 90,
  clearAt: 80,
  forMs: 0,
};
const tell = (value: number, source = '', tsMs = Date.now()) =>
  storeStatus(store, [{ tenantId, deviceId, source, tsMs, values: { 'disk.used': value } }]);
const open = async (): Promise<string[]> =>
  (
    await store.database
      .selectFrom('alerts')
      .select(['source', 'description'])
      .where('rule', '=', key)
      .where('closed_at', 'is', null)
      .execute()
  ).map(({ source, description }) => `${source}: ${description}`);
const memories = async (): Promise<number> =>
  (await store.database.selectFrom('rule_memories').select('key').where('key', '=', key).execute()).length;

test('a threshold on last values raises once, clears once, and sets the health of the house', async () => {
  await make(HIGH);
  await tell(95);
  await look();
  await look();
  expect(await open()).toEqual([': at 95']);
  const house = () =>
    store.database.selectFrom('devices').select('health').where('id', '=', deviceId).executeTakeFirstOrThrow();
  expect((await house()).health).toBe('critical');
  await tell(85);
  await look();
  expect((await open()).length).toBe(1);
  await tell(70);
  await look();
  expect([await open(), await memories(), announced]).toEqual([[], 0, ['opened', 'closed']]);
  expect((await house()).health).not.toBe('critical');
});

test('how long something has been bad is remembered by whichever worker comes next', async () => {
  await make({ ...HIGH, forMs: 50 });
  await tell(95);
  await look();
  expect([await open(), await memories()]).toEqual([[], 1]);
  await Bun.sleep(50);
  await createRuleWatch({ store, bus })();
  expect((await open()).length).toBe(1);
});

test('two workers at once raise once', async () => {
  await make(HIGH);
  await tell(95);
  await Promise.all([look(), createRuleWatch({ store, bus })(), createRuleWatch({ store, bus })()]);
  const { count } = await store.database
    .selectFrom('alerts')
    .select('count')
    .where('rule', '=', key)
    .executeTakeFirstOrThrow();
  expect([count, announced]).toEqual([1, ['opened']]);
});

test('a sensor that told nothing for too long is absent, but not while its house is away', async () => {
  const sensor = { id: 's', kind: 'oven', name: 'Oven', model: '', serial: '', firmware: '', place: '' };
  await storeTopologies(store, [{ deviceId, messageId: 1, sensors: [sensor] }]);
  await make(
    { kind: 'absence', metric: '', forMs: 60_000 },
    { of: { kind: 'sensors', kinds: [], models: [] }, description: '{sensor}: {minutes} min' },
  );
  await tell(1, 's', Date.now() - 120_000);
  const isConnected = (connected: boolean) =>
    store.database.updateTable('presence').set({ connected }).where('device_id', '=', deviceId).execute();
  await isConnected(false);
  await look();
  expect(await open()).toEqual([]);
  await isConnected(true);
  await look();
  expect(await open()).toEqual(['s: Oven: 2 min']);
  await tell(1, 's');
  await look();
  expect(await open()).toEqual([]);
});

test('a rule that is turned off, is for others now, or is deleted, closes its alerts', async () => {
  const rule = await make(HIGH);
  await tell(95);
  const change = async (parts: Partial<Rule>): Promise<void> => {
    const { key: _, ...before } = await lockRule(store.database, tenantId, key, undefined);
    await updateRule(store.database, tenantId, { ...rule, ...before, key, ...parts }, '', false);
    await look();
  };
  await look();
  expect((await open()).length).toBe(1);
  await change({ enabled: false });
  expect(await open()).toEqual([]);
  await change({ enabled: true });
  expect((await open()).length).toBe(1);
  await change({ target: { ...EVERY_HOUSE, deviceIds: [deviceIds[0]!] } });
  expect(await open()).toEqual([]);
  await change({ target: rule.target });
  expect((await open()).length).toBe(1);
  await deleteRule(store.database, tenantId, key);
  await look();
  expect(await open()).toEqual([]);
  const closed = await store.database
    .selectFrom('alerts')
    .select('close_reason')
    .where('rule', '=', key)
    .orderBy('closed_at', 'desc')
    .executeTakeFirstOrThrow();
  expect(closed.close_reason).toBe('The rule was deleted.');
});
