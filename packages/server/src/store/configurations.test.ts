import { expect, test } from 'bun:test';
import { getConfiguration, replaceDesired, storeReported } from './configurations.ts';
import { insertTestHouses } from './test-alerts.ts';
import { startEmbeddedDatabases } from './test-databases.ts';
import { ensureFirstTenant } from './tenants.ts';

test('a house that says it has what nobody desired yet is told all the same', async () => {
  await using databases = await startEmbeddedDatabases();
  const { database } = await databases.open();
  const { id: tenantId } = await ensureFirstTenant(database);
  const [deviceId] = (await insertTestHouses(database, tenantId, 1)) as [string];
  const read = async () => await getConfiguration(database, tenantId, deviceId);
  await storeReported(database, [{ deviceId, messageId: 7, version: 9_000_000_000, values: { limit: 1 } }]);
  expect(await read()).toMatchObject({ reported: { limit: 1 }, reportedVersion: 0 });
  await replaceDesired(database, tenantId, deviceId, { limit: 2 }, 'Anna');
  await storeReported(database, [{ deviceId, messageId: 8, version: 9_000_000_000, values: { limit: 2 } }]);
  expect(await read()).toMatchObject({ version: 1, reported: { limit: 2 }, reportedVersion: 1 });
}, 30_000);
