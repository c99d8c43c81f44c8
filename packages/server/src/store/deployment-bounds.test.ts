import { afterAll, beforeAll, expect, test } from 'bun:test';
import { ALL_DEVICES } from '../domain/device-scope.ts';
import { getHouseDetail } from './deployment-devices.ts';
import { storeDeploymentLog } from './deployment-logs.ts';
import { storeDeploymentReport } from './deployment-reports.ts';
import { storeProvides } from './device-software.ts';
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

test('a gateway that goes on telling of logs and sensors fills no table', async () => {
  const { database } = store;
  const [deviceId] = houses as readonly [string];
  const log = (messageId: number, lines: readonly string[]) =>
    storeDeploymentLog(database, {
      tenantId,
      deviceId,
      deploymentId,
      attempt: 1,
      messageId,
      lines: lines.map((message) => ({ at: new Date().toISOString(), level: 'info', message })),
    });
  for (let part = 1; part <= 3; part++)
    await log(
      part,
      Array.from({ length: 100 }, () => 'y'.repeat(2000)),
    );
  for (let part = 4; part <= 8; part++) expect((await log(part, part % 2 === 0 ? [] : ['z'])).outcome).toBe('stored');
  const { parts: stored } = await database
    .selectFrom('deployment_logs')
    .select((eb) => eb.fn.countAll<number>().as('parts'))
    .where('deployment_id', '=', deploymentId)
    .executeTakeFirstOrThrow();
  expect(stored).toBeLessThanOrEqual(3);
  for (let round = 0; round < 4; round++)
    await storeDeploymentReport(database, {
      tenantId,
      deviceId,
      deploymentId,
      state: 'downloading',
      atMs: Date.now() + round,
      sensors: Array.from({ length: 200 }, (_, at) => ({ id: `s${round} ${at}`, state: 'waiting' as const })),
    });
  await storeDeploymentReport(database, {
    tenantId,
    deviceId,
    deploymentId,
    state: 'downloading',
    atMs: Date.now() + 10,
    sensors: [{ id: 's0 0', state: 'transferring' }],
  });
  const { sensors } = await getHouseDetail(database, ALL_DEVICES, deploymentId, deviceId);
  expect(sensors).toHaveLength(512);
  expect(sensors[0]).toMatchObject({ id: 's0 0', state: 'transferring' });
});

test('what a gateway provides is heard although its spool began anew', async () => {
  const { database } = store;
  const [deviceId] = houses as readonly [string];
  const told = (messageId: number, artifactName: string) =>
    storeProvides(database, [
      { tenantId, deviceId, provides: { artifact_name: artifactName }, by: 'channel', messageId },
    ]);
  const first = Number.MAX_SAFE_INTEGER - 10;
  const known = async () => {
    const { artifact_name: name } = await database
      .selectFrom('device_software')
      .select('artifact_name')
      .where('device_id', '=', deviceId)
      .executeTakeFirstOrThrow();
    return name;
  };
  await told(first, 'of before');
  await told(first - 1, 'late');
  expect(await known()).toBe('of before');
  await told(1, 'of now');
  expect(await known()).toBe('of now');
  await told(2, 'next');
  expect(await known()).toBe('next');
});
