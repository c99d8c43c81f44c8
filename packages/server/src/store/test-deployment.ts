/** A store with houses that were just offered a release, for tests of what they say then. */
import { deploymentOptions } from '@lovely/api';
import { ALL_DEVICES } from '../domain/device-scope.ts';
import { carryOn } from './deployment-engine.ts';
import { insertDeployment } from './deployments.ts';
import { generateHouses } from './generated-houses.ts';
import type { Store } from './store.ts';
import { startEmbeddedDatabases } from './test-databases.ts';
import { insertTestArtifact } from './test-releases.ts';
import { ensureFirstTenant } from './tenants.ts';

export interface TestDeployment extends AsyncDisposable {
  readonly store: Store;
  readonly tenantId: string;
  readonly deploymentId: string;
  /** Those that have their turn. */
  readonly houses: readonly string[];
}

export async function startTestDeployment(size: number): Promise<TestDeployment> {
  await using resources = new AsyncDisposableStack();
  const databases = resources.use(await startEmbeddedDatabases());
  const store = await databases.open();
  const { database } = store;
  const { id: tenantId } = await ensureFirstTenant(database);
  await generateHouses(database, tenantId, size);
  await insertTestArtifact(database, tenantId, { name: 'new' });
  const deploymentId = await database.transaction().execute((transaction) =>
    insertDeployment(transaction, tenantId, {
      name: 'A',
      artifactName: 'new',
      kind: 'software',
      target: { kind: 'all' },
      options: deploymentOptions.parse({}),
      scope: ALL_DEVICES,
      createdBy: { type: 'user', id: crypto.randomUUID(), name: 'Ada' },
    }),
  );
  const turn = await database
    .transaction()
    .execute((transaction) => carryOn(transaction, { id: deploymentId, tenantId }, Date.now()));
  const houses = turn!.grants.map(({ house }) => house.deviceId);
  const kept = resources.move();
  return { store, tenantId, deploymentId, houses, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
