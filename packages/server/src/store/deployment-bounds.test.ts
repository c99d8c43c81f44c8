import { afterAll, beforeAll, expect, test } from 'bun:test';
import { deploymentOptions } from '@lovely/api';
import { ALL_DEVICES } from '../domain/device-scope.ts';
import { getHouseDetail } from './deployment-devices.ts';
import { carryOn } from './deployment-engine.ts';
import { storeDeploymentLog } from './deployment-logs.ts';
import { storeDeploymentReport } from './deployment-reports.ts';
import { insertDeployment } from './deployments.ts';
import { storeProvides } from './device-software.ts';
import { generateFleet } from './generated-fleet.ts';
import type { Store } from './store.ts';
import { ensureFirstTenant } from './tenants.ts';
import { startEmbeddedDatabases, type TestDatabases } from './test-databases.ts';
import { insertTestArtifact } from './test-releases.ts';

let databases: TestDatabases;
let store: Store;
let tenantId: string;
let houses: string[];
let deploymentId: string;

beforeAll(async () => {
  databases = await startEmbeddedDatabases();
  store = await databases.open();
  const { database } = store;
  tenantId = (await ensureFirstTenant(database)).id;
  await generateFleet(database, tenantId, 5);
  await insertTestArtifact(database, tenantId, { name: 'new' });
  houses = (await database.selectFrom('presence').select('device_id').orderBy('device_id').execute()).map(
    (row) => row.device_id,
  );
  await database
    .insertInto('device_software')
    .values(
      houses.map((id) => ({
        device_id: id,
        tenant_id: tenantId,
        provides: JSON.stringify({ device_type: 'house' }),
        is_live: true,
        told_by: 'client' as const,
        told_at: null,
        changed_at: null,
        deployment_id: null,
      })),
    )
    .execute();
  await database.updateTable('presence').set({ connected: true }).execute();
  deploymentId = await database.transaction().execute((transaction) =>
    insertDeployment(transaction, tenantId, {
      name: 'A',
      artifactName: 'new',
      kind: 'software',
      target: { kind: 'devices', ids: houses },
      options: deploymentOptions.parse({}),
      scope: ALL_DEVICES,
      createdBy: { type: 'user', id: crypto.randomUUID(), name: 'Ada' },
    }),
  );
  await database
    .transaction()
    .execute((transaction) => carryOn(transaction, { id: deploymentId, tenantId }, Date.now()));
}, 60_000);
afterAll(() => databases[Symbol.asyncDispose]());

test('a gateway that goes on telling of logs and sensors fills no table', async () => {
  const { database } = store;
  const [deviceId] = houses as [string];
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
  const [deviceId] = houses as [string];
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
