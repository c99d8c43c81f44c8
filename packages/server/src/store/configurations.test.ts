import { expect, test } from 'bun:test';
import { storeReports, type ConfigurationReport } from './configuration-delivery.ts';
import { getConfiguration, replaceOwn } from './configurations.ts';
import { insertTestHouses } from './test-alerts.ts';
import { startEmbeddedDatabases } from './test-databases.ts';
import { ensureFirstTenant } from './tenants.ts';

const reported = (
  deviceId: string,
  messageId: number,
  version: number,
  values: Record<string, number>,
): ConfigurationReport => ({
  kind: 'reported',
  deviceId,
  messageId,
  version,
  values,
  isConfirming: false,
  problems: [],
});

test('a house that says it has what nobody desired yet is told all the same', async () => {
  await using databases = await startEmbeddedDatabases();
  const { database } = await databases.open();
  const { id: tenantId } = await ensureFirstTenant(database);
  const [deviceId] = (await insertTestHouses(database, tenantId, 1)) as [string];
  const read = async () => await getConfiguration(database, tenantId, deviceId);
  await storeReports(database, [reported(deviceId, 7, 9_000_000_000, { limit: 1 })]);
  expect(await read()).toMatchObject({ reported: { limit: 1 }, reportedVersion: 0 });
  await replaceOwn(database, tenantId, deviceId, { limit: 2 }, { by: 'Anna' });
  await storeReports(database, [reported(deviceId, 8, 9_000_000_000, { limit: 2 })]);
  expect(await read()).toMatchObject({
    desiredVersion: 1,
    reported: { limit: 2 },
    reportedVersion: 1,
    state: 'current',
  });
}, 30_000);
