import { afterAll, beforeAll, expect, test } from 'bun:test';
import { storeDeploymentReport } from './deployment-reports.ts';
import { applyPresence } from './presence.ts';
import { storeReconnects } from './reconnects.ts';
import type { Store } from './store.ts';
import { startTestDeployment, type TestDeployment } from './test-deployment.ts';

let scene: TestDeployment;
let store: Store;
let tenantId: string;
let deploymentId: string;
let houses: readonly string[];
beforeAll(async () => {
  scene = await startTestDeployment(5);
  ({ store, tenantId, deploymentId, houses } = scene);
}, 60_000);
afterAll(() => scene[Symbol.asyncDispose]());

const say = (deviceId: string, state: 'rebooting' | 'installing' | 'success') =>
  storeDeploymentReport(store.database, { tenantId, deviceId, deploymentId, state, atMs: Date.now() });
const leave = (deviceId: string) =>
  applyPresence(store, [
    { deviceId, hubId: 'hub', epoch: 9, connected: true, ts: new Date(), reason: null, client: null },
    { deviceId, hubId: 'hub', epoch: 9, connected: false, ts: new Date(), reason: 'closed', client: null },
  ]);
const reason = async (deviceId: string) =>
  (await store.database.selectFrom('presence').select('reason').where('device_id', '=', deviceId).executeTakeFirst())
    ?.reason;

test('a gateway that said that it restarts for an update is away for that, and not lost', async () => {
  const [restarting, other] = houses as readonly [string, string];
  await say(restarting, 'rebooting');
  await say(other, 'installing');
  await leave(restarting);
  await leave(other);
  expect(await reason(restarting)).toBe('rebooting-for-update');
  expect(await reason(other)).toBe('closed');
  // Its word may be stored after the end of its connection.
  await say(other, 'rebooting');
  expect(await reason(other)).toBe('rebooting-for-update');
});

test('reconnects are counted for the fleet, and for houses that have the new software', async () => {
  const [updated, other] = houses.slice(2) as [string, string];
  await say(updated, 'success');
  await storeReconnects(
    store.database,
    tenantId,
    new Map([
      [updated, 3],
      [other, 2],
    ]),
  );
  const rows = await store.database
    .selectFrom('deployment_devices')
    .select(['device_id', 'reconnects'])
    .where('reconnects', '>', 0)
    .execute();
  expect(rows).toEqual([{ device_id: updated, reconnects: 3 }]);
  expect(await store.database.selectFrom('reconnects').select('reconnects').execute()).toEqual([{ reconnects: 5 }]);
  const counted = await store.database
    .selectFrom('deployment_counts')
    .select((eb) => eb.fn.sum<number>('reconnects').as('sum'))
    .executeTakeFirst();
  expect(Number(counted?.sum)).toBe(3);
});
