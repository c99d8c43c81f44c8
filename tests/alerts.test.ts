/** Real problems of a real gateway: each turns the house red with its text, and green when it is mended. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { getDevice, listAlerts, type Alert } from '@lovely/api';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestGateway } from './harness/gateway.ts';
import { startProcess } from './harness/process.ts';
import { TestServer } from './harness/server.ts';
import { smallDisk } from './harness/small-disk.ts';
import { until } from './harness/wait.ts';

let server: TestServer;
let gateway: TestGateway;
let id: string;

/** A program of its own name, so that no other process of this machine is meant. */
const PROGRAM = `lss${crypto.randomUUID().slice(0, 8)}`;

beforeAll(async () => {
  server = await TestServer.start();
  const joined = await TestGateway.join(server, { args: ['--sample-interval-ms', '200', '--watch', PROGRAM] });
  gateway = joined;
  id = joined.id;
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const openAlert = async (rule: string): Promise<Alert | undefined> =>
  (await server.call(listAlerts, { query: { deviceId: id, state: 'open', rule } })).items[0];
const closedAlerts = async (rule: string): Promise<Alert[]> =>
  (await server.call(listAlerts, { query: { deviceId: id, state: 'closed', rule } })).items;

test('a tmpfs that fills up is an alert with cause and steps, and none any more when there is room', async () => {
  await using disk = await smallDisk();
  await writeFile(join(disk.path, 'ballast'), Buffer.alloc(disk.bytes * 0.97));
  const alert = await until('it is raised', async () => {
    const open = await openAlert('disk-almost-full');
    return open?.source === disk.path ? open : undefined;
  });
  expect(alert.description).toMatch(new RegExp(`^9\\d(\\.\\d)? % of ${disk.path} is in use\\.$`));
  expect(alert.cause.length).toBeGreaterThan(10);
  expect(alert.suggestion[0]).toContain(`du -xh ${disk.path}`);
  expect((await server.call(getDevice, { params: { id } })).health).toBe('critical');
  await rm(join(disk.path, 'ballast'));
  await until('it is closed', async () =>
    (await closedAlerts('disk-almost-full')).some((closed) => closed.id === alert.id),
  );
});

test('a watched process that is not running is an alert until it runs', async () => {
  const alert = await until('it is raised', () => openAlert('service-down'));
  expect(alert.description).toBe(`${PROGRAM} is not running.`);
  const folder = await mkdtemp(join(tmpdir(), 'lovely-program-'));
  await copyFile('/bin/sleep', join(folder, PROGRAM));
  await Bun.$`chmod 755 ${join(folder, PROGRAM)}`.quiet();
  await using _program = startProcess([join(folder, PROGRAM), '600']);
  await until('it is closed', async () => (await closedAlerts('service-down')).length === 1);
  await rm(folder, { recursive: true });
  await until('the house is green', async () => (await server.call(getDevice, { params: { id } })).health === 'ok');
});
