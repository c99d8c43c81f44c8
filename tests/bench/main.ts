/**
 * `npm run bench`: our server beside a bare Bun server, measured from outside in one run.
 *
 *     npm run bench                               4,000 connections, about three minutes
 *     npm run bench -- --connections 19000        the figure of the budgets
 *     npm run bench -- --profile DIR              writes a CPU profile of our server
 *     npm run bench -- --with codec --with map    runs the benchmarks of these packages too
 *
 * The machine may be shared: the two servers take turns and the ratios and CPU times count, not the times on the wall.
 */
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cleanUpOnSignal } from '@lovely/server/testing';
import { joinDevices } from './devices.ts';
import { Load, OurServer, startBareServer, type MeasuredServer } from './machine.ts';
import { measureStages, type Stage } from './stages.ts';
import { measureMemory, type MemoryFigures } from './memory.ts';
import { cpuSeconds } from './proc.ts';
import { compare, kilobytes, microseconds, perSecond, printTable } from './table.ts';
import { measureThroughput, type ThroughputFigures } from './throughput.ts';

const CONNECTIONS_A_PROCESS = 5_000;
const CONNECTIONS_MAX = 19_000;
const SENDERS_MAX = 2_000;
const UNACKED = 8;
const BATCHED_REPORTS = 10;
const STAGES_SECONDS = 8;
const BUDGET = { spokenBytes: 8 * 1024, messagesPerCpuSecond: 20_000 };
const OTHERS: { readonly [name: string]: string } = {
  codec: 'packages/protocol/bench/codec.ts',
  map: 'packages/server/bench/map-index.ts',
  flood: 'tests/bench/flood.ts',
  artifacts: 'tests/bench/artifacts.ts',
  history: 'packages/server/bench/history.ts',
  configurations: 'packages/server/bench/configurations.ts',
  'red-mark': 'tests/bench/red-mark.ts',
  deployments: 'packages/server/bench/deployments.ts',
  offers: 'tests/bench/offers.ts',
};

const { values: flags } = parseArgs({
  options: {
    connections: { type: 'string', default: '4000' },
    seconds: { type: 'string', default: '10' },
    profile: { type: 'string' },
    with: { type: 'string', multiple: true, default: [] },
  },
});
const connections = Math.min(CONNECTIONS_MAX, Number(flags.connections));
const seconds = Number(flags.seconds);
if (!Number.isInteger(connections) || connections < 1 || !(seconds > 0)) throw new Error('see the top of this file');

await compareServers();
for (const name of flags.with) await runOther(name);

async function compareServers(): Promise<void> {
  await using ours = await OurServer.start(flags.profile);
  await using bare = await startBareServer(ours.pemFile, ours.caFile);
  await using load = new Load(Math.max(2, Math.ceil(connections / CONNECTIONS_A_PROCESS)));
  say(`joining ${connections.toLocaleString('en')} devices`);
  const joinBefore = cpuSeconds(ours.pid);
  const tokens = await joinDevices(ours, connections, say);
  const joinSeconds = (cpuSeconds(ours.pid) - joinBefore) / connections;

  const bareFigures = await measure(bare, load, tokens);
  const storedBefore = await ours.storedStatusMessages();
  const ourFigures = await measure(ours, load, tokens);
  const stored = (await ours.storedStatusMessages()) - storedBefore;

  const [cpu] = cpus();
  console.log(
    `\n${new Date().toISOString().slice(0, 16)}Z, ${cpus().length} × ${cpu?.model.trim()}, Bun ${Bun.version}`,
  );
  printMemory(ourFigures.memory, bareFigures.memory, joinSeconds);
  printThroughput('status messages of one report', 1, ourFigures.single, bareFigures.single);
  printThroughput(
    `status messages of ${BATCHED_REPORTS} reports`,
    BATCHED_REPORTS,
    ourFigures.batched,
    bareFigures.batched,
  );
  printStages(await measureStages(STAGES_SECONDS, say), ourFigures.single, bareFigures.single);
  const { acked } = ourFigures;
  console.log(`\nacknowledged ${acked.toLocaleString('en')}, counted as stored ${stored.toLocaleString('en')}`);
  if (stored < acked) throw new Error('more was acknowledged than stored');
  const complaints = ours.complaints();
  if (complaints !== '') console.log(`the server complained:\n${complaints.slice(0, 2000)}`);
}

interface Figures {
  readonly memory: MemoryFigures;
  readonly single: ThroughputFigures;
  readonly batched: ThroughputFigures;
  /** Messages acknowledged in all. */
  readonly acked: number;
}

async function measure(server: MeasuredServer, load: Load, tokens: readonly string[]): Promise<Figures> {
  const { acked: ackedBefore } = await load.tell('count');
  say(`${server.name}: opening ${tokens.length.toLocaleString('en')} connections`);
  const memory = await measureMemory(server, load, tokens);
  say(`${server.name}: ${kilobytes(memory.idleBytes)} idle, ${kilobytes(memory.spokenBytes)} having spoken`);
  const options = { connections: Math.min(SENDERS_MAX, tokens.length), unacked: UNACKED, seconds };
  say(`${server.name}: sending status messages`);
  const single = await measureThroughput(server, load, { ...options, reports: 1 });
  const batched = await measureThroughput(server, load, { ...options, reports: BATCHED_REPORTS });
  const { acked } = await load.tell('close');
  return { memory, single, batched, acked: acked - ackedBefore };
}

function printMemory(ours: MemoryFigures, bare: MemoryFigures, joinSeconds: number): void {
  const budget = { text: '≤ 8 KB', isKept: ours.spokenBytes <= BUDGET.spokenBytes };
  printTable(`memory, ${ours.connections.toLocaleString('en')} TLS connections (all roles in our process)`, [
    compare('process before them', ours.baseBytes, bare.baseBytes, kilobytes),
    compare('a connection that is idle', ours.idleBytes, bare.idleBytes, kilobytes),
    compare('a connection that has spoken', ours.spokenBytes, bare.spokenBytes, kilobytes, budget),
    compare('CPU to let one in', ours.openSeconds, bare.openSeconds, microseconds),
    compare('CPU to make a device known and give it a token', joinSeconds, undefined, microseconds),
  ]);
}

function printThroughput(title: string, reports: number, ours: ThroughputFigures, bare: ThroughputFigures): void {
  const total = ours.serverSeconds + ours.databaseSeconds;
  const reportsPerCpuSecond = reports / total;
  const budget = { text: '≥ 20,000', isKept: reportsPerCpuSecond >= BUDGET.messagesPerCpuSecond };
  printTable(`${title}, ${UNACKED} on the way on each of ${Math.min(SENDERS_MAX, connections)} connections`, [
    compare('server CPU a message', ours.serverSeconds, bare.serverSeconds, microseconds),
    compare('PostgreSQL CPU a message', ours.databaseSeconds, undefined, microseconds),
    compare('messages acknowledged', ours.messagesPerSecond, bare.messagesPerSecond, perSecond),
    compare('reports acknowledged', ours.messagesPerSecond * reports, undefined, perSecond),
    compare('reports for a CPU second of server and PostgreSQL', reportsPerCpuSecond, undefined, perSecond, budget),
  ]);
  if (ours.refused > 0) console.log(`${ours.refused} messages were refused`);
}

/** The shares are of a profiled run, the times those of the run without: profiling costs time of its own. */
function printStages(shares: ReadonlyMap<Stage, number>, ours: ThroughputFigures, bare: ThroughputFigures): void {
  const total = ours.serverSeconds + ours.databaseSeconds;
  const row = (what: string, seconds: number, rival?: number) =>
    compare(`${what}, ${((100 * seconds) / total).toFixed(0)} %`, seconds, rival, microseconds);
  printTable('where the CPU of a status message of one report goes', [
    ...[...shares].map(([stage, share]) => row(stage, share * ours.serverSeconds)),
    row('PostgreSQL', ours.databaseSeconds),
    row('all', total, bare.serverSeconds),
  ]);
}

async function runOther(name: string): Promise<void> {
  const path = OTHERS[name];
  if (path === undefined) throw new Error(`--with knows ${Object.keys(OTHERS).join(', ')}`);
  console.log(`\n${path}`);
  const child = Bun.spawn([process.execPath, path], {
    cwd: join(import.meta.dir, '../..'),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const forget = cleanUpOnSignal(() => (child.kill(), child.exited));
  void child.exited.then(forget);
  if ((await child.exited) !== 0) throw new Error(`${path} failed`);
}

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}
