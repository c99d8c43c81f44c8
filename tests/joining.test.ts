/** Joining, presence and revoking, with the real server and real gateways as processes. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { getDevice, getDeviceStatus, setAuthSetStatus } from '@lovely/api';
import { TestGateway } from './harness/gateway.ts';
import { TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start({ env: { LOVELY_OFFLINE_AFTER_MS: '1000' } });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

test('a gateway waits until it is accepted, connects, reports real figures, and goes when it is revoked', async () => {
  await using gateway = await TestGateway.start(server);
  const pending = await server.deviceWith(gateway.serial);
  expect(pending.status).toBe('pending');
  const { id } = pending;
  await server.accept(pending);

  const device = await until('it is connected', async () => {
    const detail = await server.call(getDevice, { params: { id } });
    return detail.connected && detail.client ? detail : undefined;
  });
  expect(device.client).toStartWith('nice-smart-client ');
  expect(device.health).toBe('ok');
  const [printed] = await gateway.process.line(/[0-9a-f]{2}(:[0-9a-f]{2}){31}/);
  expect(device.authSets[0]!.fingerprint).toBe(printed);

  const metrics = await until('it reports status', async () => {
    const { metrics } = await server.call(getDeviceStatus, { params: { id } });
    return metrics.length > 0 ? metrics : undefined;
  });
  expect(metrics.map((metric) => metric.name)).toContain('memory.usedPercent');
  expect(await listeningSockets(gateway.process.pid)).toEqual([]);

  await server.call(setAuthSetStatus, {
    params: { id, authSetId: device.authSets[0]!.id },
    body: { status: 'rejected' },
  });
  const revoked = await until(
    'it is disconnected',
    async () => {
      const detail = await server.call(getDevice, { params: { id } });
      return detail.connected ? undefined : detail;
    },
    2_000,
  );
  expect(revoked.disconnectReason).toBe('revoked');
  await gateway.process.line(/ accepted[^]*waiting to be accepted/);
});

test('a device is offline when its gateway is killed, and well when it is back', async () => {
  await using gateway = await TestGateway.start(server);
  const device = await server.deviceWith(gateway.serial);
  await server.accept(device);
  const healthOf = async () => (await server.call(getDevice, { params: { id: device.id } })).health;
  await until('it is well', async () => (await healthOf()) === 'ok');
  gateway.process.signal('SIGKILL');
  await gateway.process.exited;
  await until('it is offline', async () => (await healthOf()) === 'offline');
  gateway.restart();
  await until('it is well again', async () => (await healthOf()) === 'ok');
});

/** The sockets in state LISTEN that a process holds, by the inodes of its descriptors. */
async function listeningSockets(pid: number): Promise<string[]> {
  const { readdir, readlink } = await import('node:fs/promises');
  const links = await Promise.all(
    (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')),
  );
  const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const tables = await Promise.all(['tcp', 'tcp6'].map((table) => Bun.file(`/proc/${pid}/net/${table}`).text()));
  const LISTEN = '0A';
  return tables
    .flatMap((table) => table.trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === LISTEN && inodes.has(columns[9]!))
    .map((columns) => columns[1]!);
}
