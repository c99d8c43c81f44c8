/** Two servers on one NATS and one PostgreSQL 15: what happens on one reaches the other. */
import { afterAll, beforeAll, describe, expect } from 'bun:test';
import { getDevice } from '@lovely/api';
import { decodeFrame, encodeFrame, FRAME_BYTES_MAX_UP, shellInput, shellNew } from '@lovely/protocol';
import { startDebianDatabases, startNats, type NatsProcess, type TestDatabases } from '@lovely/server/testing';
import { TestGateway } from './harness/gateway.ts';
import { TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';
import { requireTool, testWith } from './tools.ts';

const test = testWith('nats-server', 'postgres');

describe('two servers', () => {
  let nats: NatsProcess;
  let databases: TestDatabases;
  let servers: [TestServer, TestServer];

  beforeAll(async () => {
    [nats, databases] = await Promise.all([startNats(requireTool('nats-server')), startDebianDatabases()]);
    const env = {
      LOVELY_NATS_URL: nats.url,
      LOVELY_DATABASE_URL: await databases.createEmpty(),
      LOVELY_OFFLINE_AFTER_MS: '2000',
    };
    servers = await Promise.all([TestServer.start({ env }), TestServer.start({ env })]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    await databases[Symbol.asyncDispose]();
    await nats.kill();
  });

  test('a terminal opened on one server reaches a gateway on the other', async () => {
    const [one, other] = servers;
    await using gateway = await TestGateway.join(one);
    const { id } = gateway;
    await until('it is connected', async () => (await other.call(getDevice, { params: { id } })).connected);
    const text = await runInTerminal(other, id, 'echo over-$((6*7))\n', /over-42/);
    expect(text).toContain('over-42');
  });

  test('the newest connection wins wherever it is, and a killed server loses its devices within its lease', async () => {
    const [one, other] = servers;
    await using gateway = await TestGateway.join(one);
    const { id } = gateway;
    const detail = () => other.call(getDevice, { params: { id } });
    const first = await until('it is connected', async () => ((await detail()).connected ? await detail() : undefined));
    // The same key and identity on the other server: a gateway that moved.
    await gateway.process.stop();
    await using moved = await TestGateway.start(other, { serial: gateway.serial, dataDir: gateway.dataDir });
    await until('it is connected anew', async () => {
      const now = await detail();
      return now.connected && now.connectionChangedAt !== first.connectionChangedAt;
    });
    other.process.signal('SIGKILL');
    await other.process.exited;
    const { health } = await until(
      'it is offline',
      async () => {
        const now = await one.call(getDevice, { params: { id } });
        return now.health === 'offline' ? now : undefined;
      },
      40_000,
    );
    expect(health).toBe('offline');
    await other.restart();
    // After so long an outage the gateway waits for up to a minute before it tries again.
    await until('it is back', async () => (await one.call(getDevice, { params: { id } })).health === 'ok', 75_000);
    expect(moved.process.output()).toContain('connected');
  });
});

/** Types a line into a shell of the device and returns what came back once it matches. */
async function runInTerminal(server: TestServer, deviceId: string, line: string, expected: RegExp): Promise<string> {
  const socket = await server.deviceSocket(deviceId);
  let text = '';
  socket.onmessage = ({ data }) => {
    const frame = decodeFrame(new Uint8Array(data as ArrayBuffer), FRAME_BYTES_MAX_UP);
    text += new TextDecoder().decode(frame.body);
    if (frame.typ === 'new') socket.send(encodeFrame(shellInput.frame({}, new TextEncoder().encode(line))));
  };
  socket.send(encodeFrame(shellNew.frame({ terminal_width: 80, terminal_height: 24 })));
  await until('the shell answers', () => expected.test(text));
  socket.close();
  return text;
}
