/** Kills the server and its PostgreSQL at random under load: what was acknowledged is there, once. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getDeviceStatus, listAlerts, type Alert } from '@lovely/api';
import { randomOf } from '@lovely/sim';
import { TestServer } from '../harness/server.ts';
import { until } from '../harness/wait.ts';
import { nothing, Witness, type Told } from './witness.ts';

/** A failure names its seed: `KILL_SEED=… KILL_ROUNDS=… npm run test:long -- kill` runs the same story again. */
const SEED = Number(process.env.KILL_SEED ?? Math.floor(Math.random() * 2 ** 31));
const ROUNDS = Number(process.env.KILL_ROUNDS ?? 20);
const WITNESSES = 4;
const TELL_EVERY_MS = 100;
/** A round lives this long before something is killed. */
const LIFE_MS_MAX = 2_000;
const RECOVERY_MS = 60_000;
const STORY_MS = 15 * 60_000;
const PAGE = 500;

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start({ env: { LOVELY_LOG_LEVEL: 'warn' } });
}, RECOVERY_MS);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
}, RECOVERY_MS);

test(
  `whatever is killed, nothing acknowledged is missing or doubled (seed ${SEED}, ${ROUNDS} rounds)`,
  async () => {
    const random = randomOf(SEED, 'kill');
    const witnesses = await Promise.all(Array.from({ length: WITNESSES }, () => Witness.start(server)));
    const deviceIds = new Map<Witness, string>();
    for (const witness of witnesses) {
      const device = await server.deviceWith(witness.serial);
      await server.accept(device);
      deviceIds.set(witness, device.id);
    }
    const telling = setInterval(() => {
      for (const witness of witnesses) witness.tell(random);
    }, TELL_EVERY_MS);
    try {
      for (let round = 0; round < ROUNDS; round++) {
        await Bun.sleep(random() * LIFE_MS_MAX);
        const isServerDead = await kill(random());
        const promised = witnesses.map(({ acknowledged }) => structuredClone(acknowledged));
        // PostgreSQL must come back by itself.
        if (isServerDead) await server.restart();
        for (const [index, witness] of witnesses.entries()) {
          const stored = await until('the server tells', () => read(deviceIds.get(witness)!), RECOVERY_MS);
          expectKept(promised[index]!, stored, round);
        }
      }
    } finally {
      clearInterval(telling);
    }
    for (const witness of witnesses) {
      await until('everything is acknowledged', () => witness.waiting === 0, RECOVERY_MS);
      const stored = await read(deviceIds.get(witness)!);
      expect(witness.acknowledged.raised.size).toBeGreaterThan(0);
      expectKept(witness.acknowledged, stored, ROUNDS);
      expect(stored.told.raised.size).toBe(witness.acknowledged.raised.size);
      expect(stored.told.cleared.size).toBe(witness.acknowledged.cleared.size);
      expect(stored.doubled).toEqual([]);
    }
    await Promise.all(witnesses.map((witness) => witness.close()));
  },
  STORY_MS,
);

/** Kills the server, PostgreSQL, or both at once; true when the server is dead. */
async function kill(chance: number): Promise<boolean> {
  const postgres = await postgresPid();
  const isServer = chance < 2 / 3;
  if (isServer) server.process.signal('SIGKILL');
  if (chance > 1 / 3) process.kill(postgres, 'SIGKILL');
  if (isServer) await server.process.exited;
  return isServer;
}

async function postgresPid(): Promise<number> {
  return await until('PostgreSQL says its process id', async () => {
    const text = await readFile(join(server.dataDir, 'postgres/cluster/postmaster.pid'), 'utf8');
    return Number(text.split('\n')[0]) || undefined;
  });
}

interface Stored {
  readonly told: Told;
  /** Causes that have more than the one alert that was raised. */
  readonly doubled: string[];
}

async function read(deviceId: string): Promise<Stored> {
  const told = nothing();
  const doubled: string[] = [];
  const { metrics } = await server.call(getDeviceStatus, { params: { id: deviceId } });
  for (const { name, value } of metrics) told.statuses.set(name, Number(value));
  for await (const { source, closedAt, count } of alertsOf(deviceId)) {
    if (told.raised.has(source) || count > 1) doubled.push(source);
    told.raised.add(source);
    if (closedAt !== null) told.cleared.add(source);
  }
  return { told, doubled };
}

async function* alertsOf(deviceId: string): AsyncGenerator<Alert> {
  let cursor: string | undefined;
  do {
    const query = { deviceId, rule: 'witness', limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const page = await server.call(listAlerts, { query });
    yield* page.items;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
}

function expectKept(promised: Told, { told }: Stored, round: number): void {
  const missing = [
    ...[...promised.statuses]
      .filter(([metric, value]) => !((told.statuses.get(metric) ?? -1) >= value))
      .map(([metric]) => metric),
    ...[...promised.raised].filter((source) => !told.raised.has(source)),
    ...[...promised.cleared].filter((source) => !told.cleared.has(source)).map((source) => `end of ${source}`),
  ];
  expect({ round, missing }).toEqual({ round, missing: [] });
}
