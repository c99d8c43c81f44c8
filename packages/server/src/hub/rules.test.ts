import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { alertRules, controlError, type DeviceRule } from '@lovely/protocol';
import type { RuleTarget } from '@lovely/api';
import { event, rulesChanged } from '../bus/subjects.ts';
import { publishItems, publishTo } from '../bus/topic.ts';
import { DEFAULT_RULES } from '../domain/default-rules.ts';
import { generateFleet } from '../store/generated-fleet.ts';
import { addGroupDevices, insertGroup } from '../store/groups.ts';
import { deleteRule, EVERY_HOUSE, insertRule } from '../store/rules.ts';
import { TestHubs, until, type Joined } from './test-hubs.ts';

let rig: TestHubs;
let deviceIds: string[];
const made: string[] = [];
beforeAll(async () => {
  rig = await TestHubs.start();
  await generateFleet(rig.store.database, rig.tenantId, 10);
  deviceIds = (await rig.store.database.selectFrom('devices').select('id').execute()).map(({ id }) => id);
}, 60_000);
afterAll(() => rig[Symbol.asyncDispose]());
afterEach(async () => {
  for (const key of made.splice(0)) await deleteRule(rig.store.database, rig.tenantId, key);
  await rig.clear();
});

const OVEN = DEFAULT_RULES.find(({ key }) => key === 'oven-left-on')!;

async function make(target: Partial<RuleTarget> = {}, description = ''): Promise<string> {
  const key = `own-${randomUUID()}`;
  const rule = { ...OVEN, key, target: { ...EVERY_HOUSE, ...target }, description: description || OVEN.description };
  await insertRule(rig.store.database, rig.tenantId, rule, 'ada@example.com');
  made.push(key);
  return key;
}
const changed = (): void => publishTo(rig.bus, rulesChanged, { tenant: rig.tenantId });

/** The last whole set that a device was told. */
function toldTo({ device }: Joined): DeviceRule[] | undefined {
  const frames = device.received.filter((frame) => alertRules.is(frame)).map((frame) => alertRules.read(frame));
  const { version, parts } = frames.at(-1)?.props ?? { version: '', parts: 1 };
  const set = frames.slice(-parts);
  const isWhole = set.length === parts && set.every(({ props }, at) => props.version === version && props.part === at);
  return isWhole ? set.flatMap(({ body }) => body) : undefined;
}
const hasRule = (joined: Joined, key: string): boolean => toldTo(joined)?.some((rule) => rule.key === key) ?? false;

test('a changed rule reaches devices that are connected, and nothing is told twice', async () => {
  const { connect } = await rig.startHub();
  const joined = await connect({ id: deviceIds[0]!, authSetId: randomUUID() });
  await joined.device.hello();
  await until(() => toldTo(joined));
  const key = await make();
  changed();
  await until(() => hasRule(joined, key));
  const frames = joined.device.received.length;
  changed();
  const other = await connect({ id: deviceIds[1]!, authSetId: randomUUID() });
  await other.device.hello();
  await until(() => hasRule(other, key));
  expect(joined.device.received.length).toBe(frames);
});

test('a device that never said hello, as those of Mender, is told no rules', async () => {
  const { connect } = await rig.startHub();
  const silent = await connect({ id: deviceIds[0]!, authSetId: randomUUID() });
  const other = await connect({ id: deviceIds[1]!, authSetId: randomUUID() });
  await other.device.hello();
  const key = await make();
  changed();
  await until(() => hasRule(other, key));
  expect(silent.device.received).toEqual([]);
});

test('a rule for one house or one type of gateway is told to those alone', async () => {
  const [one, two, three] = deviceIds as [string, string, string];
  await rig.store.database
    .updateTable('devices')
    .set({ inventory: JSON.stringify({ device_type: 'pi-5' }) })
    .where('id', '=', two)
    .execute();
  const [forOne, forType] = [await make({ deviceIds: [one] }), await make({ deviceTypes: ['pi-5'] })];
  const { connect } = await rig.startHub();
  const joined = await Promise.all([one, two, three].map((id) => connect({ id, authSetId: randomUUID() })));
  await Promise.all(joined.map(({ device }) => device.hello()));
  await until(() => joined.every(toldTo));
  expect(joined.map((each) => [hasRule(each, forOne), hasRule(each, forType)])).toEqual([
    [true, false],
    [false, true],
    [false, false],
  ]);
});

test('whoever comes into a group gets its rules at once', async () => {
  const id = deviceIds[4]!;
  const group = randomUUID();
  await insertGroup(rig.store.database, rig.tenantId, { id: group, name: group, description: '', filter: null });
  const key = await make({ groupIds: [group] });
  const { connect } = await rig.startHub();
  const joined = await connect({ id, authSetId: randomUUID() });
  await joined.device.hello();
  await until(() => toldTo(joined));
  expect(hasRule(joined, key)).toBe(false);
  await addGroupDevices(rig.store.database, rig.tenantId, { kind: 'all' }, group, [id]);
  publishItems(rig.bus, event(rig.tenantId, 'group'), [{ group, devices: [id] }]);
  await until(() => hasRule(joined, key));
});

test('many long rules are told in frames that the device can take', async () => {
  const keys: string[] = [];
  for (let at = 0; at < 40; at++) keys.push(await make({}, 'ä'.repeat(900)));
  const { connect } = await rig.startHub();
  const joined = await connect({ id: deviceIds[5]!, authSetId: randomUUID() });
  await joined.device.hello();
  await until(() => toldTo(joined));
  expect(keys.filter((key) => !hasRule(joined, key))).toEqual([]);
  expect(joined.device.received.filter((frame) => controlError.is(frame))).toEqual([]);
});
