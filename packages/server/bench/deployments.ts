/**
 * A deployment of a million houses: what finding its houses, one look of a worker, a turn of a thousand houses and their
 * reports cost, at several sizes. What a look costs must not grow with the deployment.
 * `bun packages/server/bench/deployments.ts [--houses 1000000]`
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { deploymentOptions } from '@lovely/api';
import { ALL_DEVICES } from '../src/domain/device-scope.ts';
import { DEPLOYMENT_TURN_HOUSES } from '../src/software-limits.ts';
import { listHouses } from '../src/store/deployment-devices.ts';
import { carryOn, type DeploymentTurn } from '../src/store/deployment-engine.ts';
import { previewHouses } from '../src/store/deployment-preview.ts';
import { storeDeploymentReports, type DeploymentReport } from '../src/store/deployment-reports.ts';
import { getDeployment, insertDeployment } from '../src/store/deployments.ts';
import { generateHouses, settle } from '../src/store/generated-houses.ts';
import { startEmbeddedDatabases } from '../src/store/test-databases.ts';
import { insertTestArtifact } from '../src/store/test-releases.ts';
import { ensureFirstTenant } from '../src/store/tenants.ts';

const LOOKS = 21;
const TURNS = 5;
/** More than its turns take. */
const SIZE_MIN = (TURNS + 1) * DEPLOYMENT_TURN_HOUSES;
const REPORTS_A_BATCH = 1000;

const { values: flags } = parseArgs({ options: { houses: { type: 'string', default: '1000000' } } });
const total = Number(flags.houses);
const sizes = [0.01, 0.1, 1].map((share) => Math.max(SIZE_MIN, Math.round(total * share)));

await using databases = await startEmbeddedDatabases();
const store = await databases.open();
const { database } = store;
const { id: tenantId } = await ensureFirstTenant(database);
await insertTestArtifact(database, tenantId, { name: 'bench' });
const options = deploymentOptions.parse({ parallelMax: 100_000, gates: { minSample: 100 } });

console.log(
  `${new Date().toISOString().slice(0, 16)}Z, ${cpus().length} × ${cpus()[0]?.model.trim()}, Bun ${Bun.version}`,
);
console.log(
  `medians; a look is one plan of a deployment with nothing to do, a turn gives ${DEPLOYMENT_TURN_HOUSES} houses theirs`,
);
let made = 0;
for (const size of sizes) {
  await generateHouses(database, tenantId, size - made);
  made = size;
  await measure(size);
}

async function measure(size: number): Promise<void> {
  console.log(`\n${size.toLocaleString('en')} houses`);
  const of = { artifactName: 'bench', target: { kind: 'all' }, options, scope: ALL_DEVICES } as const;
  show('dry run', [(await timed(() => previewHouses(store.of(tenantId), tenantId, of))).ms]);
  const id = await database.transaction().execute((transaction) =>
    insertDeployment(transaction, tenantId, {
      ...of,
      name: 'Bench',
      kind: 'software',
      createdBy: { type: 'user', id: crypto.randomUUID(), name: 'bench' },
    }),
  );
  const deployment = { id, tenantId };
  // Nobody begins before all are there.
  const collecting: number[] = [];
  let turn: DeploymentTurn | undefined;
  for (;;) {
    const { ms, result } = await timed(() => look(deployment));
    turn = result;
    if ((turn?.grants.length ?? 0) > 0) break;
    collecting.push(ms);
  }
  show('finding the houses, all of them', [collecting.reduce((sum, ms) => sum + ms, 0)]);
  await settle(database);
  const turns: number[] = [];
  const reports: number[] = [];
  for (let at = 0; at < TURNS; at++) {
    const { ms, result } = await timed(() => look(deployment));
    turns.push((ms * DEPLOYMENT_TURN_HOUSES) / Math.max(1, result?.grants.length ?? 0));
    const granted = result?.grants.map(({ house }) => house.deviceId) ?? [];
    for (const state of ['downloading', 'installing', 'success'] as const)
      reports.push((await timed(() => report(id, granted, state))).ms * (REPORTS_A_BATCH / granted.length));
  }
  await database.updateTable('deployments').set({ state: 'paused' }).where('id', '=', id).execute();
  const looks: number[] = [];
  for (let at = 0; at < LOOKS; at++) looks.push((await timed(() => look(deployment))).ms);
  show('a look', looks);
  show(`a turn of ${DEPLOYMENT_TURN_HOUSES} houses`, turns);
  show(`${REPORTS_A_BATCH} reports of states`, reports);
  const shown: number[] = [];
  const pages: number[] = [];
  for (let at = 0; at < LOOKS; at++) {
    shown.push((await timed(() => getDeployment(store.of(tenantId), tenantId, ALL_DEVICES, id))).ms);
    pages.push(
      (await timed(() => listHouses(store.of(tenantId), ALL_DEVICES, id, { state: 'success', limit: 50 }))).ms,
    );
  }
  show('what people see of it, with counts', shown);
  show('a page of its houses', pages);
  await database.deleteFrom('deployments').where('id', '=', id).execute();
  await settle(database);
}

/** As a worker does, at once. */
async function look(deployment: { id: string; tenantId: string }): Promise<DeploymentTurn | undefined> {
  await database
    .updateTable('deployments')
    .set({ look_at: new Date(0) })
    .where('id', '=', deployment.id)
    .execute();
  return await database.transaction().execute((transaction) => carryOn(transaction, deployment, Date.now()));
}

async function report(
  deploymentId: string,
  deviceIds: readonly string[],
  state: DeploymentReport['state'],
): Promise<void> {
  await storeDeploymentReports(
    database,
    deviceIds.map((deviceId) => ({ tenantId, deviceId, deploymentId, state, atMs: Date.now() })),
  );
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const startMs = performance.now();
  const result = await work();
  return { ms: performance.now() - startMs, result };
}

function show(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  console.log(`  ${what.padEnd(40)} ${median.toFixed(1).padStart(10)} ms   (fastest ${(sorted[0] ?? 0).toFixed(1)})`);
}
