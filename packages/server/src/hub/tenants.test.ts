/** Tenants share a hub and don't feel each other. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { controlError, PROTO, statusReport } from '@lovely/protocol';
import { tenantDeleted, up } from '../bus/subjects.ts';
import { publishTo, subscribeTo } from '../bus/topic.ts';
import { insertTenant } from '../store/tenants.ts';
import { TestDevice } from './test-device.ts';
import { refusalAt, TestHubs, until, type RunningHub } from './test-hubs.ts';

let hubs: TestHubs;
beforeAll(async () => {
  hubs = await TestHubs.start();
}, 60_000);
afterEach(() => hubs.clear());
afterAll(() => hubs[Symbol.asyncDispose]());

const makeTenant = async (messagesPerSecond: number | null) =>
  (await insertTenant(hubs.store.database, { name: randomUUID(), limits: { messagesPerSecond } })).id;

async function connect({ url }: RunningHub, tenantId: string): Promise<{ device: TestDevice; token: string }> {
  const token = await hubs.tokens.signDevice({ tenantId, deviceId: randomUUID(), authSetId: randomUUID() });
  return { device: await TestDevice.connect(url, token), token };
}

const report = (id: number) => statusReport.frame({ id }, [{ ts: Date.now(), source: '', values: { a: id } }]);

test('a tenant that floods is told so and held to its rate, while everything of another tenant passes', async () => {
  const hub = await hubs.startHub();
  const [small, large] = [await makeTenant(1), await makeTenant(null)];
  const passed = new Map<string, number>();
  subscribeTo(hubs.bus, up(PROTO.status), (messages) => {
    for (const { tenant } of messages) passed.set(tenant, (passed.get(tenant) ?? 0) + 1);
  });
  const flooding = await Promise.all([connect(hub, small), connect(hub, small), connect(hub, small)]);
  const { device: quiet } = await connect(hub, large);
  let id = 0;
  // The first message makes the hub ask for the limit; each device alone stays within what a device may send.
  await until(() => {
    if (id < 400) for (const { device } of flooding) device.send(report(++id));
    return flooding.some(({ device }) => device.received.some((one) => controlError.is(one)));
  });
  const [error] = flooding.flatMap(({ device }) => device.received).filter((one) => controlError.is(one));
  expect(controlError.read(error!).body.reason).toBe('rate-limit');
  const before = passed.get(small)!;
  for (let each = 0; each < 300; each++) {
    flooding[each % 3]!.device.send(report(++id));
    quiet.send(report(each));
  }
  await until(() => passed.get(large) === 300);
  expect(passed.get(small)! - before).toBeLessThan(60);
});

test('the devices of a deleted tenant are out at once and stay out, those of others stay in', async () => {
  const hub = await hubs.startHub();
  const [gone, kept] = [await makeTenant(null), await makeTenant(null)];
  const first = await connect(hub, gone);
  const other = await connect(hub, kept);
  publishTo(hubs.bus, tenantDeleted, { tenant: gone });
  expect(await first.device.closed).toBe(4001);
  expect(await refusalAt(hub.url, first.token)).toBe('401 bad-token');
  expect(await other.device.hello()).toBeGreaterThan(0);
});
