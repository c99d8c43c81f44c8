/** What happens to a deployment at the same moment comes to one end or the other, and waits for no more than it must. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { sql } from 'kysely';
import { deploymentOptions, type DeploymentTarget } from '@lovely/api';
import { ALL_DEVICES } from '../domain/device-scope.ts';
import { LovelyError } from '../errors.ts';
import { deleteArtifact } from './artifacts.ts';
import { carryOn, lookAtDeployments } from './deployment-engine.ts';
import { nextForPoller } from './deployment-polling.ts';
import { storeDeploymentReport } from './deployment-reports.ts';
import { abortHouse } from './deployment-steering.ts';
import { insertDeployment } from './deployments.ts';
import { deleteRelease } from './releases.ts';
import type { Database, Store } from './store.ts';
import { startTestDeployment, type TestDeployment } from './test-deployment.ts';
import { insertTestArtifact } from './test-releases.ts';

const ASKS = { device_type: 'house', artifact_name: 'old' };

let scene: TestDeployment;
let store: Store;
let tenantId: string;
let houses: readonly string[];
beforeAll(async () => {
  scene = await startTestDeployment(5);
  ({ store, tenantId, houses } = scene);
}, 60_000);
afterAll(() => scene[Symbol.asyncDispose]());

const deploy = (database: Database, artifactName: string, target: DeploymentTarget) =>
  insertDeployment(database, tenantId, {
    name: 'B',
    artifactName,
    kind: 'software',
    target,
    options: deploymentOptions.parse({}),
    scope: ALL_DEVICES,
    createdBy: { type: 'user', id: crypto.randomUUID(), name: 'Ada' },
  });
const inTransaction = <T>(work: (transaction: Database) => Promise<T>) =>
  store.database.transaction().execute((transaction) => work(transaction));
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof LovelyError ? error.code : Promise.reject(error as Error)),
  );

/** Lets it go as far as it comes: to its end, or to where it waits for what the test holds. */
async function goes(work: Promise<unknown>): Promise<void> {
  let isOver = false;
  void work.finally(() => (isOver = true));
  for (;;) {
    const { rows } = await sql`select from pg_locks where not granted`.execute(store.database);
    if (isOver || rows.length > 0) return;
    await Bun.sleep(5);
  }
}

test('an artifact that is deleted while a deployment of it is made is in use, or is not there', async () => {
  const { database } = store;
  const target: DeploymentTarget = { kind: 'devices', ids: [houses[0]!] };
  for (const [name, isWhole] of [
    ['one', false],
    ['whole', true],
  ] as const) {
    await insertTestArtifact(database, tenantId, { name });
    const { id, release_id: releaseId } = await database
      .selectFrom('artifacts')
      .select(['id', 'release_id'])
      .where('name', '=', name)
      .executeTakeFirstOrThrow();
    const remove = (transaction: Database) =>
      isWhole
        ? deleteRelease(transaction, tenantId, releaseId, undefined)
        : deleteArtifact(transaction, tenantId, id, undefined);
    const made = await inTransaction(async (transaction) => {
      const deploymentId = await deploy(transaction, name, target);
      const removing = codeOf(inTransaction(remove));
      await goes(removing);
      return { deploymentId, removing };
    });
    expect(await made.removing).toBe('artifact-in-use');
    await database.deleteFrom('deployments').where('id', '=', made.deploymentId).execute();
    const { making } = await inTransaction(async (transaction) => {
      await remove(transaction);
      const making = codeOf(inTransaction((other) => deploy(other, name, target)));
      await goes(making);
      return { making };
    });
    expect(await making).toBe('no-such-artifact');
  }
});

test('a house that asks, and what others say, wait for no turn of other houses', async () => {
  const { database } = store;
  const { deploymentId } = scene;
  const [asking, saying, other] = houses as readonly [string, string, string];
  for (const deviceId of [asking, other])
    await inTransaction((transaction) => abortHouse(transaction, deploymentId, deviceId, 'Ada'));
  await insertTestArtifact(database, tenantId, { name: 'next' });
  const target = (deviceId: string): DeploymentTarget => ({ kind: 'devices', ids: [deviceId] });
  const mine = await inTransaction((transaction) => deploy(transaction, 'next', target(asking)));
  const theirs = await inTransaction((transaction) => deploy(transaction, 'next', target(other)));
  await lookAtDeployments(database, [deploymentId, theirs]);
  for (const [id, grants] of [
    [theirs, 1],
    [deploymentId, 0],
  ] as const)
    await inTransaction(async (transaction) => {
      const turn = await carryOn(transaction, { id, tenantId }, Date.now());
      expect(turn?.grants).toHaveLength(grants);
      const { offer } = await nextForPoller(database, tenantId, asking, ASKS);
      expect(offer?.deploymentId).toBe(mine);
      const said = { tenantId, deviceId: saying, deploymentId, state: 'installing', atMs: Date.now() } as const;
      expect((await storeDeploymentReport(database, { ...said, substate: id })).outcome).toBe('stored');
    });
});

test('what is installed although it was called off is what should run there', async () => {
  const { database } = store;
  const { deploymentId } = scene;
  const deviceId = houses[3]!;
  await inTransaction((transaction) => abortHouse(transaction, deploymentId, deviceId, 'Ada'));
  const success = { tenantId, deviceId, deploymentId, state: 'success', atMs: Date.now() } as const;
  expect(await storeDeploymentReport(database, success)).toMatchObject({
    outcome: 'aborted',
    changes: [{ deviceId, isSoftware: true }],
  });
  const known = () =>
    database
      .selectFrom('device_software')
      .select(['artifact_name', 'drifts', 'expected'])
      .where('device_id', '=', deviceId)
      .executeTakeFirstOrThrow();
  expect(await known()).toMatchObject({ artifact_name: 'new', drifts: false, expected: { artifact_name: 'new' } });
  // Said once more after something else was installed, it changes nothing.
  const expected = JSON.stringify({ artifact_name: 'newer' });
  await database.updateTable('device_software').set({ expected, provides: expected }).execute();
  await storeDeploymentReport(database, { ...success, atMs: success.atMs + 1 });
  expect(await known()).toMatchObject({ artifact_name: 'newer', drifts: false });
});
