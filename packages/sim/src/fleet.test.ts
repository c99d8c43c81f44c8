import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { identityOf, loadRuntime } from '@lovely/client';
import { TestServer } from '../test/server.ts';
import { until } from '../test/until.ts';
import { Fleet } from './fleet.ts';
import { createHouses } from './house.ts';
import { privateKeyOf } from './key.ts';
import type { Management } from './management.ts';
import { problemsOf, type Problem } from './problems.ts';
import { SimulatedGateway } from './simulated-gateway.ts';

const SEED = 40;
const MAIN = join(import.meta.dir, 'main.ts');
let server: TestServer;
let management: Management;

beforeAll(async () => {
  server = await TestServer.start();
  management = await server.signIn();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

interface Shown {
  readonly name: string;
  readonly health: string;
  readonly connected: boolean;
  readonly disconnectReason: string | null;
  readonly location: { latitude: number; longitude: number } | null;
}

async function shown(id: string): Promise<Shown> {
  return (await management.device(id)) as unknown as Shown;
}

async function idOf(serial: string): Promise<string> {
  return (await management.findDevice(serial))!.id;
}

test('a house is green, goes red when its disk fills, and is green again', async () => {
  const houses = createHouses(SEED, 30);
  const isDisk = ({ kind }: { kind: string }): boolean => kind === 'disk-filling';
  const house = houses.find((each) => isDisk(problemsOf(SEED, each).next().value))!;
  const problem = problemsOf(SEED, house).next().value;
  const identity = identityOf(house.serial, privateKeyOf(SEED, house.index));
  const id = (await management.preauthorise(house.serial, identity.publicKey))!;
  const runtime = await loadRuntime();
  const network = { authorities: [server.address.ca!], proxy: undefined };
  const gateway = new SimulatedGateway({
    seed: SEED,
    house,
    identity,
    server: server.address.url,
    transport: runtime.transport(network),
    http: runtime.http(network),
    openAlerts: [],
  });
  const stopping = new AbortController();
  const running = gateway.run(stopping.signal);
  try {
    await until('the house is green', async () => gateway.isReady && (await shown(id)).health === 'ok');
    gateway.observe(problem.endMs - 1, false);
    await until('the house is red', async () => (await shown(id)).health === 'critical');
    expect(gateway.hasOpenAlert).toBe(true);
    gateway.observe(problem.endMs, false);
    await until('the house is green again', async () => (await shown(id)).health === 'ok');
    gateway.observe(problem.endMs, true);
    await until('the house is offline', async () => (await shown(id)).health === 'offline');
    gateway.observe(problem.endMs, false);
    await until('the house is back', async () => (await shown(id)).health === 'ok');
  } finally {
    stopping.abort();
    await running;
  }
});

test('a fleet joins with names and places, and joins again without a second house', async () => {
  const houses = createHouses(SEED + 1, 6);
  const options = { seed: SEED + 1, houses, server: server.address, credentials: server.credentials };
  const devices = async () => await Array.fromAsync(management.devices(`SIM${SEED + 1}-`));
  for (let round = 0; round < 2; round++) {
    const stopping = new AbortController();
    const fleet = new Fleet(options);
    const running = fleet.run(stopping.signal);
    try {
      await until(
        'every house has joined and most are there',
        () => fleet.counts.joined === 6 && fleet.counts.connected > 2,
      );
    } finally {
      stopping.abort();
      await running;
    }
    const serials = (await devices()).map(({ serial }) => serial!);
    expect(serials.toSorted((a, b) => a.localeCompare(b))).toEqual(houses.map(({ serial }) => serial));
  }
  const { name, location } = await shown(await idOf(houses[0]!.serial));
  expect(name).toBe(houses[0]!.name);
  expect(location).toEqual({ latitude: houses[0]!.latitude, longitude: houses[0]!.longitude });
});

test('an alert that an earlier run left open closes with the next', async () => {
  const house = createHouses(SEED + 2, 1)[0]!;
  const identity = identityOf(house.serial, privateKeyOf(SEED + 2, 0));
  const id = (await management.preauthorise(house.serial, identity.publicKey))!;
  const runtime = await loadRuntime();
  const network = { authorities: [server.address.ca!], proxy: undefined };
  const seams = { transport: runtime.transport(network), http: runtime.http(network) };
  const run = async (openAlerts: { rule: string; source: string }[], health: string, atMs: number) => {
    const gateway = new SimulatedGateway({
      seed: SEED + 2,
      house,
      identity,
      server: server.address.url,
      ...seams,
      openAlerts,
    });
    const stopping = new AbortController();
    const running = gateway.run(stopping.signal);
    try {
      await until('it has its rules', () => gateway.isReady);
      gateway.observe(atMs, false);
      await until(`the house is ${health}`, async () => (await shown(id)).health === health);
    } finally {
      stopping.abort();
      await running;
    }
  };
  let disk: Problem;
  const problems = problemsOf(SEED + 2, house);
  do disk = problems.next().value;
  while (disk.kind !== 'disk-filling');
  await run([], 'critical', disk.endMs - 1);
  const open = (await Array.fromAsync(management.openAlerts())).filter(({ deviceId }) => deviceId === id);
  expect(open).toHaveLength(1);
  await run([{ rule: open[0]!.rule, source: open[0]!.source }], 'ok', disk.endMs);
});

test('a simulator that is killed leaves no process behind, and its houses count as away', async () => {
  const passwordFile = join(dirname(server.caFile), 'password');
  writeFileSync(passwordFile, `${server.credentials.password}\n`, { mode: 0o600 });
  const flags = {
    server: server.address.url.href,
    ca: server.caFile,
    email: server.credentials.email,
    'password-file': passwordFile,
    houses: '3',
    seed: String(SEED + 3),
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  const sim = Bun.spawn([process.execPath, MAIN, ...args], { stdout: 'ignore', stderr: 'inherit' });
  const first = createHouses(SEED + 3, 3)[0]!.serial;
  const id = await until('the house is known', async () => (await management.findDevice(first))?.id);
  await until('the house is connected', async () => (await shown(id)).connected);
  const descendants = childrenOf(sim.pid);
  sim.kill('SIGKILL');
  await sim.exited;
  expect(descendants).toEqual([]);
  await until('the house is away', async () => !(await shown(id)).connected);
});

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => parentOf(each) === pid);
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}
