/**
 * Kills the client, the servers, PostgreSQL and NATS at random moments under load, one or several at once: what was
 * acknowledged is stored, and no alert is there twice.
 */
import { afterAll, beforeAll, describe, expect } from 'bun:test';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats, type NatsProcess } from '@lovely/server/testing';
import { randomOf } from '@lovely/sim';
import { TestGateway } from '../harness/gateway.ts';
import { TestServer } from '../harness/server.ts';
import { until } from '../harness/wait.ts';
import { requireTool, testWith } from '../tools.ts';
import { DebianPostgres } from './debian-postgres.ts';
import { Program, PROGRAM_SENSOR } from './program.ts';
import { Witness, type Told } from './witness.ts';

/** A failure names its seed: `FAULT_SEED=… FAULT_ROUNDS=… npm run test:long -- faults` runs the same story again. */
const SEED = Number(process.env.FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31));
const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 200);
const WITNESSES_PER_SERVER = 2;
const TELL_EVERY_MS = 100;
/** A round lives this long before something is killed, and what was killed stays away for this long. */
const LIFE_MS_MAX = 1_500;
const AWAY_MS_MAX = 500;
const RECOVERY_MS = 120_000;
/** A gateway that lost its connection often comes back within a minute, and what was lost is sent again after half a minute. */
const DELIVERY_MS = 5 * 60_000;
const ROUND_MS_MAX = 30_000;

const test = testWith('nats-server', 'postgres');

interface Stored {
  /** Times of reports in the history. */
  readonly reports: ReadonlySet<number>;
  readonly alerts: ReadonlyMap<string, { readonly isClosed: boolean }>;
}

describe('a system whose parts are killed', () => {
  let postgres: DebianPostgres;
  let nats: NatsProcess;
  let servers: [TestServer, TestServer];
  let gateway: TestGateway;
  let socket: string;

  beforeAll(async () => {
    [nats, postgres] = await Promise.all([
      startNats(requireTool('nats-server')),
      DebianPostgres.start(requireTool('postgres')),
    ]);
    const env = {
      LOVELY_NATS_URL: nats.url,
      LOVELY_DATABASE_URL: postgres.url,
      LOVELY_LOG_LEVEL: 'error',
    };
    servers = [await TestServer.start({ env }), await TestServer.start({ env })];
    const dataDir = await mkdtemp(join(tmpdir(), 'lovely-gateway-'));
    socket = join(dataDir, 'programs.socket');
    gateway = await TestGateway.start(servers[0], { dataDir, args: ['--socket', socket] });
  }, RECOVERY_MS);
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    await postgres[Symbol.asyncDispose]();
    await nats.kill();
  }, RECOVERY_MS);

  test(
    `loses and doubles nothing that was acknowledged (seed ${SEED}, ${ROUNDS} rounds)`,
    async () => {
      const random = randomOf(SEED, 'faults');
      const witnesses = await Promise.all(
        servers.flatMap((server) => Array.from({ length: WITNESSES_PER_SERVER }, () => Witness.start(server))),
      );
      const accept = async (serial: string): Promise<string> => {
        const device = await servers[0].deviceWith(serial);
        await servers[0].accept(device);
        return device.id;
      };
      const deviceIds = new Map<Witness, string>();
      for (const witness of witnesses) deviceIds.set(witness, await accept(witness.serial));
      const gatewayId = await accept(gateway.serial);
      const program = new Program(socket);
      const telling = setInterval(() => {
        for (const witness of witnesses) witness.tell(random);
      }, TELL_EVERY_MS);

      /** Each part: how it dies, and how it comes back. */
      const parts = {
        client: [() => killProcess(gateway.process), async () => gateway.restart()],
        'first server': [() => killProcess(servers[0].process), () => restart(servers[0])],
        'second server': [() => killProcess(servers[1].process), () => restart(servers[1])],
        postgres: [() => postgres.kill(), () => postgres.start()],
        nats: [
          () => nats.kill(),
          async () => void (nats = await startNats(requireTool('nats-server'), { port: nats.port })),
        ],
      } as const satisfies Record<string, readonly [die: () => Promise<void>, comeBack: () => Promise<void>]>;
      const names = Object.keys(parts) as (keyof typeof parts)[];
      const kills: Record<string, number> = {};
      try {
        for (let round = 0; round < ROUNDS; round++) {
          await Bun.sleep(random() * LIFE_MS_MAX);
          const first = names[Math.floor(random() * names.length)]!;
          const victims = names.filter((name) => name === first || random() < 0.25);
          for (const victim of victims) kills[victim] = (kills[victim] ?? 0) + 1;
          await Promise.all(victims.map((victim) => parts[victim][0]()));
          const promised = witnesses.map(({ acknowledged }) => structuredClone(acknowledged));
          await Bun.sleep(random() * AWAY_MS_MAX);
          await Promise.all(victims.map((victim) => parts[victim][1]()));
          for (const [index, witness] of witnesses.entries())
            expectKept(promised[index]!, await read(deviceIds.get(witness)!), `round ${round}: ${victims.join(', ')}`);
        }
      } finally {
        clearInterval(telling);
        await program.close();
      }

      let acknowledged = 0;
      for (const witness of witnesses) {
        await until('everything is acknowledged', () => witness.waiting === 0, DELIVERY_MS);
        const stored = await read(deviceIds.get(witness)!);
        expectKept(witness.acknowledged, stored, 'at the end');
        expect(stored.alerts.size).toBe(witness.acknowledged.raised.size);
        expect([...stored.alerts.values()].filter(({ isClosed }) => isClosed)).toHaveLength(
          witness.acknowledged.cleared.size,
        );
        acknowledged += witness.acknowledged.reports.size + stored.alerts.size + witness.acknowledged.cleared.size;
        await witness.close();
      }
      const rings = await until(
        'all that the client promised to its program is stored',
        async () => {
          const alerts = await alertsOf(gatewayId, `source = '${PROGRAM_SENSOR}'`, 'rule');
          const isThere = (rule: string): boolean => alerts.has(rule);
          const isClosed = (rule: string): boolean => alerts.get(rule)?.isClosed === true;
          return [...program.raised].every(isThere) && [...program.cleared].every(isClosed) && alerts;
        },
        DELIVERY_MS,
      );
      // What was promised, and at most the one call that was under way each time that the client was killed.
      expect(rings.size - program.raised.size).toBeLessThanOrEqual(kills.client ?? 0);
      console.log(
        `${ROUNDS} rounds, seed ${SEED}: killed ${JSON.stringify(kills)}; ${acknowledged} messages of simulated gateways and ` +
          `${program.raised.size + program.cleared.size} calls of a program acknowledged, none lost, none doubled`,
      );
    },
    ROUNDS * ROUND_MS_MAX + 3 * DELIVERY_MS,
  );

  async function read(deviceId: string): Promise<Stored> {
    return await until(
      'PostgreSQL tells',
      async () => {
        const reports = await postgres.query<{ ms: number }>(
          'select (extract(epoch from ts) * 1000)::float8 as ms from status_history where device_id = $1',
          [deviceId],
        );
        const alerts = await alertsOf(deviceId, `rule = 'witness'`, 'source');
        return { reports: new Set(reports.map(({ ms }) => Math.round(ms))), alerts };
      },
      RECOVERY_MS,
    );
  }

  /** Alerts by what tells them apart; throws for two of the same, or one that counted a message twice. */
  async function alertsOf(deviceId: string, which: string, key: 'source' | 'rule'): Promise<Stored['alerts']> {
    const rows = await postgres.query<{ name: string; count: number; isClosed: boolean }>(
      `select ${key} as name, count, closed_at is not null as "isClosed" from alerts where device_id = $1 and ${which}`,
      [deviceId],
    );
    const alerts = new Map(rows.map(({ name, isClosed }) => [name, { isClosed }]));
    expect(rows.length).toBe(alerts.size);
    // A program's alert whose client died in the very moment of its delivery is told twice, and is one all the same.
    if (key === 'source') expect(rows.filter(({ count }) => count !== 1)).toEqual([]);
    return alerts;
  }
});

async function killProcess(process: {
  signal(name: 'SIGKILL'): void;
  readonly exited: Promise<number>;
}): Promise<void> {
  process.signal('SIGKILL');
  await process.exited;
}

/** While PostgreSQL or NATS is away too, a server that starts gives up and is started again, as its service manager would. */
async function restart(server: TestServer): Promise<void> {
  await until('the server starts', async () => (await server.restart(), true), RECOVERY_MS);
}

function expectKept(promised: Told, { reports, alerts }: Stored, about: string): void {
  const missing = [
    ...[...promised.reports].filter((ts) => !reports.has(ts)).map((ts) => `report of ${ts}`),
    ...[...promised.raised].filter((source) => !alerts.has(source)),
    ...[...promised.cleared].filter((source) => !alerts.get(source)?.isClosed).map((source) => `end of ${source}`),
  ];
  expect({ about, missing }).toEqual({ about, missing: [] });
}
