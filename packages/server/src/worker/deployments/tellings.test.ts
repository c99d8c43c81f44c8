/** What gateways are told gets through, or they are told again. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { DEPLOYMENT_RESEND_MS } from '../../software-limits.ts';
import * as steering from '../../store/deployment-steering.ts';
import { TestWorkers, until } from './test-workers.ts';

const BY = { by: 'Ada', ifVersion: undefined };

let workers: TestWorkers;
beforeAll(async () => {
  workers = await TestWorkers.start(2);
}, 60_000);
afterAll(() => workers[Symbol.asyncDispose]());
beforeEach(() => workers.reset());

/** As if so long had passed since it was told something last. */
async function pass(ms: number): Promise<void> {
  const { database } = workers.store;
  const { sent_at: sentAt } = await database
    .selectFrom('deployment_devices')
    .select('sent_at')
    .executeTakeFirstOrThrow();
  await database
    .updateTable('deployment_devices')
    .set({ sent_at: new Date(sentAt!.getTime() - ms), look_at: new Date(0) })
    .execute();
}

const isKnownToHaveArrived = () =>
  until(async () => {
    const { sends } = await workers.store.database
      .selectFrom('deployment_devices')
      .select('sends')
      .executeTakeFirstOrThrow();
    return sends === 0 ? true : undefined;
  });

test('an order to wait that gets lost is told again soon, and once it has arrived no more', async () => {
  const { fleet, houses, store } = workers;
  const [deviceId] = houses as [string];
  fleet.behave(() => [{ state: 'downloading' }]);
  const id = await workers.deploy({ kind: 'devices', ids: [deviceId] });
  await workers.whenState(id, deviceId, 'downloading');
  const lost = fleet.lose('pause');
  await workers.steer(id, (database) => steering.pauseDeployment(database, id, BY));
  await lost;
  // What it says meanwhile must not put that off.
  fleet.say(deviceId, id, { state: 'downloading', bytes: 5000 });
  await until(async () => ((await workers.house(id, deviceId)).downloadedBytes === 5000 ? true : undefined));
  await pass(DEPLOYMENT_RESEND_MS);
  await until(async () => (fleet.offers.get(deviceId)!.length === 2 ? true : undefined));
  expect(fleet.offers.get(deviceId)!.map(({ pauseBefore }) => pauseBefore)).toEqual([undefined, ['install']]);
  await isKnownToHaveArrived();
  await pass(DEPLOYMENT_RESEND_MS);
  await until(async () => {
    const { look_at: lookAt } = await store.database
      .selectFrom('deployment_devices')
      .select('look_at')
      .executeTakeFirstOrThrow();
    return lookAt! > new Date() ? true : undefined;
  });
  expect(fleet.told.map(({ kind }) => kind)).toEqual(['offer', 'offer']);
});

test('an order to wait that was in an offer which got lost is told again once the house begins', async () => {
  const { fleet, houses } = workers;
  const [deviceId] = houses as [string];
  fleet.behave(() => undefined);
  const id = await workers.deploy({ kind: 'devices', ids: [deviceId] });
  await workers.isTold(deviceId, 'offer', 1);
  await workers.steer(id, (database) => steering.pauseHouse(database, id, deviceId, ['install'], 'Ada'));
  const lost = fleet.lose('offer');
  await pass(DEPLOYMENT_RESEND_MS);
  await lost;
  // It answers the offer that did not say so.
  fleet.say(deviceId, id, { state: 'downloading' });
  await workers.whenState(id, deviceId, 'downloading');
  await pass(DEPLOYMENT_RESEND_MS);
  await until(async () => (fleet.offers.get(deviceId)!.at(-1)!.pauseBefore?.[0] === 'install' ? true : undefined));
  await isKnownToHaveArrived();
});
