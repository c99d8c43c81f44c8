/** Two workers with a real store that carry deployments on for a fleet of test gateways, and what tests do with them. */
import { deploymentOptions, type Deployment, type DeploymentDevice, type DeploymentTarget } from '@lovely/api';
import { PROTO } from '@lovely/protocol';
import { Registry } from 'prom-client';
import type { z } from 'zod';
import type { Task } from '../../background-task.ts';
import { announceDeployments } from '../../bus/announce.ts';
import type { Bus } from '../../bus/bus.ts';
import { createMemoryBus } from '../../bus/memory.ts';
import { up } from '../../bus/subjects.ts';
import { subscribeTo } from '../../bus/topic.ts';
import { ALL_DEVICES } from '../../domain/device-scope.ts';
import { createLog } from '../../log.ts';
import { someHouse } from '../../store/deployment-engine.ts';
import { getHouse } from '../../store/deployment-devices.ts';
import { getDeployment, insertDeployment } from '../../store/deployments.ts';
import { generateFleet } from '../../store/generated-fleet.ts';
import type { Database, Store } from '../../store/store.ts';
import { ensureFirstTenant } from '../../store/tenants.ts';
import { startEmbeddedDatabases } from '../../store/test-databases.ts';
import { insertTestArtifact } from '../../store/test-releases.ts';
import { createTestLinkKeys } from '../../test-keys.ts';
import { createAcks } from '../acks.ts';
import { createWorkerMetrics } from '../worker-metrics.ts';
import { startDeploymentEngine } from './deployment-engine.ts';
import { resetHouses, startTestFleet, SUCCESS, type TestFleet } from './test-fleet.ts';
import { createUpdateWriter } from './update-writer.ts';

export class TestWorkers implements AsyncDisposable {
  readonly store: Store;
  readonly tenantId: string;
  readonly fleet: TestFleet;
  /** In the order of their ids. */
  houses: readonly string[];
  readonly #bus: Bus;
  readonly #resources: AsyncDisposableStack;
  #releases = 0;

  private constructor(
    store: Store,
    tenantId: string,
    houses: readonly string[],
    fleet: TestFleet,
    bus: Bus,
    resources: AsyncDisposableStack,
  ) {
    this.store = store;
    this.tenantId = tenantId;
    this.houses = houses;
    this.fleet = fleet;
    this.#bus = bus;
    this.#resources = resources;
  }

  static async start(size: number): Promise<TestWorkers> {
    await using resources = new AsyncDisposableStack();
    const errors: unknown[] = [];
    resources.defer(() => {
      if (errors.length > 0) throw new AggregateError(errors, 'messages could not be handled');
    });
    const databases = resources.use(await startEmbeddedDatabases());
    const store = await databases.open();
    const { database } = store;
    const { id: tenantId } = await ensureFirstTenant(database);
    await generateFleet(database, tenantId, size);
    await database.updateTable('devices').set({ status: 'accepted', inventory: '{}' }).execute();
    await database.deleteFrom('alerts').execute();
    const houses = await database.selectFrom('devices').select('id').orderBy('id').execute();
    const bus = createMemoryBus({ onError: (error) => void errors.push(error) });
    const adopt = <T extends Task>(task: T): T => resources.adopt(task, (one) => one.close());
    const fleet = adopt(startTestFleet(bus, database, tenantId, 'hub-of-the-test'));
    // Two at once: what one has, the other must leave alone.
    for (let worker = 0; worker < 2; worker++) {
      const log = createLog('silent');
      const of = { bus, store, log, acks: createAcks(bus), metrics: createWorkerMetrics(new Registry()) };
      const engine = adopt(startDeploymentEngine(of, createTestLinkKeys(), 'worker'));
      const writer = createUpdateWriter(of, engine);
      resources.defer(() => writer.close(AbortSignal.timeout(1000)));
      adopt(subscribeTo(bus, up(PROTO.update), (messages) => writer.take(messages), { queue: 'worker' }));
    }
    const ids = houses.map(({ id }) => id);
    return new TestWorkers(store, tenantId, ids, fleet, bus, resources.move());
  }

  /** No deployments, and every house as it was at first. */
  async reset(): Promise<void> {
    const { fleet, store, tenantId, houses } = this;
    await deleteAll(store.database);
    await resetHouses(store.database, tenantId, houses);
    fleet.told.length = 0;
    fleet.offers.clear();
    fleet.behave(() => SUCCESS);
  }

  /** Of a release of its own, unless one is named. */
  async deploy(
    target: DeploymentTarget,
    options: z.input<typeof deploymentOptions> = {},
    artifactName?: string,
  ): Promise<string> {
    const { database } = this.store;
    const name = artifactName ?? `release-${++this.#releases}`;
    if (artifactName === undefined) await insertTestArtifact(database, this.tenantId, { name });
    const id = await database.transaction().execute((transaction) =>
      insertDeployment(transaction, this.tenantId, {
        name: 'Test',
        artifactName: name,
        kind: 'software',
        target,
        options: deploymentOptions.parse(options),
        scope: ALL_DEVICES,
        createdBy: { type: 'user', id: crypto.randomUUID(), name: 'Ada' },
      }),
    );
    await this.announce(id);
    return id;
  }

  async announce(deploymentId: string): Promise<void> {
    const deviceId = (await someHouse(this.store.database, deploymentId)) ?? null;
    announceDeployments(this.#bus, [{ tenantId: this.tenantId, deploymentId, deviceId }]);
  }

  async steer(id: string, change: (database: Database) => Promise<void>): Promise<void> {
    await this.store.database.transaction().execute(change);
    await this.announce(id);
  }

  deployment(id: string): Promise<Deployment> {
    return getDeployment(this.store.database, this.tenantId, ALL_DEVICES, id);
  }

  house(id: string, deviceId: string): Promise<DeploymentDevice> {
    return getHouse(this.store.database, ALL_DEVICES, id, deviceId);
  }

  over(id: string): Promise<Deployment> {
    return until(async () => {
      const now = await this.deployment(id);
      return now.finishedAt === null ? undefined : now;
    });
  }

  whenState(id: string, deviceId: string, state: string): Promise<DeploymentDevice> {
    return until(async () => {
      const now = await this.house(id, deviceId);
      return now.state === state ? now : undefined;
    });
  }

  async isTold(to: string, what: string, times: number): Promise<void> {
    const { told } = this.fleet;
    await until(async () =>
      told.filter(({ kind, deviceId }) => kind === what && deviceId === to).length >= times ? true : undefined,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

/** Workers may be in the middle of what is to go. */
async function deleteAll(database: Database, tries = 10): Promise<void> {
  await database
    .deleteFrom('deployments')
    .execute()
    .catch((error: unknown) => (tries > 0 ? deleteAll(database, tries - 1) : Promise.reject(error as Error)));
}

export async function until<T>(isIt: () => Promise<T | undefined>): Promise<T> {
  for (let turn = 0; turn < 1500; turn++) {
    const found = await isIt();
    if (found !== undefined) return found;
    await Bun.sleep(10);
  }
  throw new Error('it did not come to pass');
}
