/** Programs of sensors on a real bus, a real client and a real server: what they say is there to be read. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWebhook, listAlerts, listSensors, sendDeviceMessage } from '@lovely/api';
import { TestGateway } from './harness/gateway.ts';
import { MessageBus } from './harness/message-bus.ts';
import { startProcess } from './harness/process.ts';
import { TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';
import { requireTool, testWith } from './tools.ts';

const EXAMPLES = new URL('../examples', import.meta.url).pathname;
const PROGRAMS = ['dbus-daemon', 'busctl', 'python3-dbus', 'gcc', 'libc6-dev', 'libsystemd-dev'] as const;

describe('a program of a sensor', () => {
  const testOnBus = testWith(...PROGRAMS);
  let server: TestServer;
  let bus: MessageBus;
  let gateway: TestGateway;
  let deviceId: string;
  let folder: string;
  beforeAll(async () => {
    if (testOnBus === test.skip) return;
    server = await TestServer.start({ env: { LOVELY_WEBHOOKS_ALLOW_PRIVATE: 'yes' } });
    folder = await mkdtemp(join(tmpdir(), 'lovely-examples-'));
    bus = await MessageBus.start();
    const joined = await TestGateway.join(server, { args: ['--dbus', bus.address] });
    gateway = joined;
    deviceId = joined.id;
    await gateway.process.line(/ connected /);
    await gateway.process.line(/on the bus/);
  }, 60_000);
  afterAll(async () => {
    await gateway?.[Symbol.asyncDispose]();
    await bus?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    if (folder) await rm(folder, { recursive: true, force: true });
  }, 30_000);

  /** Runs a program to its end. */
  async function run(...command: string[]): Promise<void> {
    const program = startProcess(command, { env: bus.environment });
    expect([await program.exited, program.output()]).toEqual([0, '']);
  }

  async function compile(name: string): Promise<string> {
    const program = join(folder, name);
    const source = join(EXAMPLES, `c/${name}.c`);
    await run(requireTool('gcc'), '-Wall', '-Werror', '-o', program, source, '-lsystemd');
    return program;
  }

  const runOven = async (): Promise<void> => await run('sh', join(EXAMPLES, 'busctl/oven.sh'));

  testOnBus(
    'is seen by people, written in shell, Python or C',
    async () => {
      await Promise.all([
        runOven(),
        run('/usr/bin/python3', join(EXAMPLES, 'python/outlet.py')),
        compile('heating').then(async (program) => await run(program)),
      ]);
      await until('all sensors are there with what they said last', async () => {
        const { items } = await server.call(listSensors, { params: { id: deviceId } });
        expect(items.map(({ id, kind, place, values }) => [id, kind, place, values])).toEqual([
          ['heating-1', 'heating', 'cellar', { 'burner.state': 'on', 'flow.celsius': 55.5, 'pressure.bar': 1.5 }],
          ['outlet-1', 'power-outlet', 'kitchen', { 'relay.on': false, 'power.watts': 0, 'outlet.celsius': 35 }],
          ['oven-1', 'oven', 'kitchen', { 'oven.state': 'cooling', 'oven.celsius': 180, 'door.open': false }],
        ]);
        return true;
      });
      await until('their problems came and went', async () => {
        const { items } = await server.call(listAlerts, { query: { deviceId, state: 'closed' } });
        expect(
          items
            .map(({ source, rule, count }) => [source, rule, count])
            .sort((a, b) => (String(a) < String(b) ? -1 : 1)),
        ).toEqual([
          ['heating-1', 'water-low', 1],
          ['outlet-1', 'plug-loose', 1],
          ['oven-1', 'oven-too-hot', 1],
        ]);
        return true;
      });
    },
    60_000,
  );

  testOnBus(
    'talks to a program beside the backend',
    async () => {
      const received: unknown[] = [];
      const receiver = Bun.serve({
        port: 0,
        hostname: '127.0.0.1',
        async fetch(request) {
          received.push(((await request.json()) as { data: unknown }).data);
          return new Response(null, { status: 204 });
        },
      });
      try {
        const url = `http://127.0.0.1:${receiver.port}/`;
        const webhook = { name: 'Echo', url, events: ['message.received' as const], enabled: true };
        await server.call(createWebhook, { body: webhook });
        await using echo = startProcess([await compile('echo')], { env: bus.environment });
        await echo.line(/listening/);
        const message = { proto: 0x1000, body: btoa('hello \0 world') };
        await server.call(sendDeviceMessage, { params: { id: deviceId }, body: message });
        await until('the message came back', () => received.length > 0);
        expect(received).toEqual([
          { device: expect.objectContaining({ id: deviceId }), message: expect.objectContaining(message) },
        ]);
      } finally {
        await receiver.stop(true);
      }
    },
    60_000,
  );

  testOnBus(
    'goes on when the bus or the client was killed, and nothing is told twice',
    async () => {
      const timesOnBus = (): number => gateway.process.output().split('on the bus').length - 1;
      await bus.kill();
      await gateway.process.line(/no bus/);
      await bus.start();
      await until('the client is back on the bus', () => timesOnBus() === 2);
      gateway.process.signal('SIGKILL');
      await gateway.process.exited;
      gateway.restart();
      await gateway.process.line(/on the bus/);
      await runOven();
      await until('the problem came back and is over again', async () => {
        const { items } = await server.call(listAlerts, { query: { deviceId, rule: 'oven-too-hot' } });
        return items.reduce((sum, alert) => sum + alert.count, 0) === 2 && items.every(({ closedAt }) => closedAt);
      });
      await gateway.process.stop();
      const message = { proto: 0x1000, body: '' };
      const refused = server.call(sendDeviceMessage, { params: { id: deviceId }, body: message });
      expect(refused).rejects.toMatchObject({ problem: { code: 'device-offline' } });
    },
    60_000,
  );
});
