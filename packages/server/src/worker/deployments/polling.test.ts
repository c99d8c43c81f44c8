/** Gateways that ask for what is there for them, as Mender's clients do. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { DEPLOYMENT_LOST_MS } from '../../software-limits.ts';
import { nextForPoller } from '../../store/deployment-polling.ts';
import { storeDeploymentReport } from '../../store/deployment-reports.ts';
import { TestWorkers } from './test-workers.ts';

let workers: TestWorkers;
beforeAll(async () => {
  workers = await TestWorkers.start(2);
}, 60_000);
afterAll(() => workers[Symbol.asyncDispose]());
beforeEach(async () => {
  await workers.reset();
  await workers.store.database.updateTable('device_software').set({ is_live: false }).execute();
});

const ask = (deviceId: string) =>
  nextForPoller(workers.store.database, workers.tenantId, deviceId, { device_type: 'house', artifact_name: 'old' });
const say = (deviceId: string, deploymentId: string, state: 'downloading' | 'success') => {
  const { store, tenantId } = workers;
  return storeDeploymentReport(store.database, { tenantId, deviceId, deploymentId, state, atMs: Date.now() });
};

/** As if nothing had been heard of it for a day. */
async function passDay(deviceId: string): Promise<void> {
  await workers.store.database
    .updateTable('deployment_devices')
    .set({ heard_at: new Date(Date.now() - DEPLOYMENT_LOST_MS) })
    .where('device_id', '=', deviceId)
    .execute();
}

async function look(): Promise<void> {
  await workers.store.database
    .updateTable('deployment_devices')
    .set({ look_at: new Date(0) })
    .where('finished_at', 'is', null)
    .execute();
}

test('one that began and only asks then is given up, and believed if it is through after all', async () => {
  const [deviceId] = workers.houses as readonly [string];
  const id = await workers.deploy({ kind: 'devices', ids: [deviceId] }, { gates: null });
  expect((await ask(deviceId)).offer?.deploymentId).toBe(id);
  await say(deviceId, id, 'downloading');
  await passDay(deviceId);
  // It asks from the beginning again, and tells nothing.
  await ask(deviceId);
  await look();
  const given = await workers.whenState(id, deviceId, 'failure');
  expect(given.cause).toMatchObject({ code: 'lost', step: 'downloading' });
  expect((await ask(deviceId)).offer).toBeUndefined();
  expect(await workers.over(id)).toMatchObject({ state: 'finished', counts: { failure: 1 } });
  expect((await say(deviceId, id, 'success')).outcome).toBe('stored');
  expect(await workers.house(id, deviceId)).toMatchObject({ state: 'success', cause: null });
});

test('one that asks at once when a deployment was made is told of it at once', async () => {
  const { houses } = workers;
  const id = await workers.deploy({ kind: 'all' });
  const answers = await Promise.all(houses.map((deviceId) => ask(deviceId)));
  expect(answers.map(({ offer }) => offer?.deploymentId)).toEqual([id, id]);
});
