/**
 * A change of a group with very many houses: the change itself, the turns that bring it to the houses, a person who changes
 * single houses meanwhile, and from the order until every house says that it has it.
 * `bun packages/server/bench/configurations.ts [--houses 100000]` measures at a tenth of so many houses, and at all of them.
 */
import { randomUUID } from 'node:crypto';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Registry } from 'prom-client';
import type { ConfigurationValues, DeviceFilter } from '@lovely/api';
import { configurationDesired, decodeFrame, FRAME_BYTES_MAX_DOWN } from '@lovely/protocol';
import { createMemoryBus } from '../src/bus/memory.ts';
import { hubDown } from '../src/bus/subjects.ts';
import { answerTo } from '../src/bus/topic.ts';
import { ALL_DEVICES } from '../src/domain/device-scope.ts';
import { CONFIGURATION_BATCH_HOUSES } from '../src/limits.ts';
import { createLog } from '../src/log.ts';
import { storeReports, type ConfigurationReport } from '../src/store/configuration-delivery.ts';
import { carryJobOn } from '../src/store/configuration-jobs.ts';
import { mergeOwn } from '../src/store/configurations.ts';
import { generateHouses } from '../src/store/generated-houses.ts';
import { getGroupConfiguration, replaceGroupValues } from '../src/store/group-configurations.ts';
import { insertGroup } from '../src/store/groups.ts';
import { startEmbeddedDatabases } from '../src/store/test-databases.ts';
import { ensureFirstTenant } from '../src/store/tenants.ts';
import { createAcks } from '../src/worker/acks.ts';
import { startConfigurationTeller } from '../src/worker/configurations/configuration-teller.ts';
import { startInheritance } from '../src/worker/configurations/inheritance.ts';
import { createWorkerMetrics } from '../src/worker/worker-metrics.ts';

const LOOKS = 5;
const REPORTS_A_BATCH = 500;
const LOOK_MS = 20;
const PERSON_REST_MS = 20;
/** As generateHouses has them. */
const HUB = 'hub';
const EVERYBODY: DeviceFilter = { all: [{ scope: 'system', attribute: 'name', type: '$regex', value: '^House' }] };

const { values: flags } = parseArgs({ options: { houses: { type: 'string', default: '100000' } } });
const total = Number(flags.houses);

await using databases = await startEmbeddedDatabases();
const store = await databases.open();
const { database } = store;
const log = createLog('error');
const { id: tenantId } = await ensureFirstTenant(database);

console.log(
  `${new Date().toISOString().slice(0, 16)}Z, ${cpus().length} × ${cpus()[0]?.model.trim()}, Bun ${Bun.version}`,
);
console.log(`medians (slowest); a turn brings a change to ${CONFIGURATION_BATCH_HOUSES} houses, in one transaction`);
const groups = { static: await makeGroup('some', null), dynamic: await makeGroup('those', EVERYBODY) };
let made = 0;
let nth = 0;
for (const size of [Math.round(total / 10), total]) {
  await generateHouses(database, tenantId, size - made);
  made = size;
  await database.updateTable('devices').set({ client: 'bench 1' }).execute();
  await database
    .insertInto('group_devices')
    .columns(['group_id', 'device_id', 'tenant_id'])
    .expression((eb) =>
      eb.selectFrom('devices').select([eb.val(groups.static).as('group_id'), 'id as device_id', 'tenant_id']),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  for (const [kind, groupId] of Object.entries(groups)) {
    console.log(`\n${size.toLocaleString('en')} houses, ${kind} group`);
    await bring(groupId, 'a first value');
    await bring(groupId, 'another value');
    await tell(groupId);
    await order(groupId, {});
    while (await carryJobOn(database, CONFIGURATION_BATCH_HOUSES));
  }
}

async function makeGroup(name: string, filter: DeviceFilter | null): Promise<string> {
  const id = randomUUID();
  await insertGroup(database, tenantId, { id, name, description: '', filter });
  return id;
}

/** As the api does it; returns how long its transaction took. */
async function order(groupId: string, values: ConfigurationValues): Promise<number> {
  const startedMs = performance.now();
  await store
    .of(tenantId)
    .transaction()
    .execute((transaction) =>
      replaceGroupValues(transaction, tenantId, groupId, { values, priority: 100 }, { by: 'bench' }),
    );
  return performance.now() - startedMs;
}

/** Turn after turn, as a worker does. */
async function bring(groupId: string, what: string): Promise<void> {
  const values = { 'report.seconds': ++nth, 'site.name': 'bench', 'site.zone': 'attic' };
  show(`${what}: the change`, [await order(groupId, values)]);
  const rssBefore = process.memoryUsage.rss();
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  const person = new AbortController();
  const changing = changeHouses(person.signal);
  const turns: number[] = [];
  let rss = rssBefore;
  for (;;) {
    const turnMs = performance.now();
    const carried = await carryJobOn(database, CONFIGURATION_BATCH_HOUSES);
    if (!carried) break;
    turns.push(performance.now() - turnMs);
    rss = Math.max(rss, process.memoryUsage.rss());
  }
  const tookMs = performance.now() - startedMs;
  const cpu = process.cpuUsage(cpuBefore);
  person.abort();
  show(`${what}: its turns`, turns);
  show(`${what}: its last ten turns`, turns.slice(-10));
  show(`${what}: a person's change of one house meanwhile`, await changing);
  console.log(
    `  ${what}: all houses after ${(tookMs / 1000).toFixed(1)} s, ${((cpu.user + cpu.system) / 1000 / made).toFixed(2)} ms ` +
      `of our CPU a house, ${((rss - rssBefore) / 2 ** 20).toFixed(0)} MiB more resident at most`,
  );
}

/** One house after the other gets a value of its own, until the signal. */
async function changeHouses(signal: AbortSignal): Promise<number[]> {
  const houses = await database.selectFrom('devices').select('id').orderBy('id').execute();
  const times: number[] = [];
  while (!signal.aborted) {
    const { id } = houses[Math.floor(Math.random() * houses.length)]!;
    const startedMs = performance.now();
    await mergeOwn(store.of(tenantId), tenantId, id, { 'own.number': times.length }, { by: 'bench' });
    times.push(performance.now() - startedMs);
    await Bun.sleep(PERSON_REST_MS);
  }
  return times;
}

/** With the tasks of a worker, and houses that take at once what they are told. */
async function tell(groupId: string): Promise<void> {
  const bus = createMemoryBus({ onError: (error) => log.error({ error }) });
  const parts = { store, bus, log, acks: createAcks(bus), metrics: createWorkerMetrics(new Registry()) };
  const told: ConfigurationReport[] = [];
  answerTo(bus, hubDown(HUB), ({ device, frame }) => {
    const { body } = configurationDesired.read(decodeFrame(frame, FRAME_BYTES_MAX_DOWN));
    const { version, values } = body;
    told.push({
      kind: 'reported',
      deviceId: device,
      messageId: ++nth,
      version,
      values,
      isConfirming: false,
      problems: [],
    });
    return { ok: true };
  });
  const tasks = [startInheritance(parts), startConfigurationTeller(parts, 'bench')];
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  await order(groupId, { 'report.seconds': ++nth });
  const current = new Set<string>();
  let tellings = 0;
  while (current.size < made) {
    const batch = told.splice(0, REPORTS_A_BATCH);
    if (batch.length === 0) await Bun.sleep(LOOK_MS);
    tellings += batch.length;
    const { changed } = await storeReports(database, batch);
    for (const { deviceId } of changed) current.add(deviceId);
  }
  const tookMs = performance.now() - startedMs;
  const cpu = process.cpuUsage(cpuBefore);
  await Promise.all(tasks.map((task) => task.close()));
  await bus.close();
  const shown: number[] = [];
  for (let at = 0; at < LOOKS; at++) {
    const lookMs = performance.now();
    await getGroupConfiguration(store.of(tenantId), tenantId, ALL_DEVICES, groupId);
    shown.push(performance.now() - lookMs);
  }
  console.log(
    `  from the order until every house says that it has it: ${(tookMs / 1000).toFixed(1)} s, ` +
      `${((cpu.user + cpu.system) / 1000 / made).toFixed(2)} ms of our CPU a house, ${tellings.toLocaleString('en')} tellings`,
  );
  show('what people see of it, with counts', shown);
}

function show(what: string, times: readonly number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? 0;
  console.log(`  ${what.padEnd(56)} ${median.toFixed(1).padStart(9)} ms (${(sorted.at(-1) ?? 0).toFixed(1)})`);
}
