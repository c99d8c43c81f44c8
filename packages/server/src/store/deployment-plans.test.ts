/** What gateways say costs the same in a deployment of any size. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { storeDeploymentReports } from './deployment-reports.ts';
import { settle } from './generated-houses.ts';
import { plansOf } from './plans.ts';
import { startTestDeployment, type TestDeployment } from './test-deployment.ts';

let scene: TestDeployment;
beforeAll(async () => {
  scene = await startTestDeployment(4000);
  await settle(scene.store.database);
}, 60_000);
afterAll(() => scene[Symbol.asyncDispose]());

test('the house that says something is found without a look at all of its deployment', async () => {
  const { store, tenantId, deploymentId, houses } = scene;
  const { plans } = await plansOf(store, tenantId, (database) =>
    storeDeploymentReports(database, [
      { tenantId, deviceId: houses[0]!, deploymentId, state: 'downloading', atMs: Date.now() },
    ]),
  );
  const finding = plans.find(({ tables }) => tables.includes('deployment_devices'));
  expect(finding?.scansWhole).not.toContain('deployment_devices');
  expect(finding?.rowsRead).toBeLessThan(10);
});
