/** Rules on a real server and a real gateway: written, told at once, watched, and gone. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRule, deleteRule, listAlerts, updateRule, type Alert, type RuleDraft } from '@lovely/api';
import { TestGateway } from './harness/gateway.ts';
import { TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';

let server: TestServer;
let gateway: TestGateway;
let folder: string;
let deviceId: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lovely-rules-'));
  server = await TestServer.start();
  const joined = await TestGateway.join(server, {
    args: ['--logs', folder, '--socket', join(folder, 'socket'), '--sample-interval-ms', '200'],
  });
  gateway = joined;
  deviceId = joined.id;
  await gateway.process.line(/ connected /);
}, 60_000);
afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  if (folder) await rm(folder, { recursive: true, force: true });
}, 30_000);

const DRAFT = {
  severity: 'warning',
  cause: '',
  suggestion: [],
  of: { kind: 'gateway' },
  target: { deviceTypes: [], groupIds: [], deviceIds: [] },
  evaluatedBy: 'device',
  enabled: true,
} satisfies Partial<RuleDraft>;
const make = (key: string, rule: Pick<RuleDraft, 'watch' | 'description'> & Partial<RuleDraft>) =>
  server.call(createRule, { body: { ...DRAFT, key, title: key, ...rule } });
const told = () => gateway.process.line(/rules told/);

async function alerts(rule: string): Promise<Alert[]> {
  return (await server.call(listAlerts, { query: { deviceId, rule } })).items;
}
const seen = async (rule: string, wanted: string[]): Promise<true> => {
  const items = await alerts(rule);
  expect(items.map(({ description, closedAt }) => `${closedAt ? 'closed' : 'open'}: ${description}`)).toEqual(wanted);
  return true;
};

/** Calls of the local API, as a program of a sensor makes them. */
async function say(...calls: { readonly method: string; readonly arguments: object }[]): Promise<void> {
  const socket = connect(join(folder, 'socket'));
  const answers = new Promise<string>((resolve, reject) => {
    let text = '';
    socket.on('error', reject).on('data', (chunk) => {
      text += String(chunk);
      if (text.split('\n').length > calls.length) resolve(text);
    });
  });
  for (const [id, call] of calls.entries()) socket.write(`${JSON.stringify({ id, ...call })}\n`);
  expect(await answers).not.toContain('"error"');
  socket.destroy();
}

test('a line in a log raises within seconds of the rule being made, and deleting the rule closes it', async () => {
  const path = join(folder, 'app.log');
  await writeFile(path, 'card error 1\n');
  await make('card-error', {
    description: 'Said: {line}',
    watch: { kind: 'log', unit: '', path, pattern: 'card error \\d+', count: 2, windowMs: 60_000, quietMs: 60_000 },
  });
  await told();
  let count = 1;
  await until('it is raised', async () => {
    await appendFile(path, `fine\ncard error ${++count}\n`);
    return (await alerts('card-error')).length > 0;
  });
  const [alert] = await alerts('card-error');
  expect(alert!.description).toMatch(/^Said: card error \d+$/);
  await server.call(deleteRule, { params: { key: 'card-error' } });
  await until('it is closed', async () => (await alerts('card-error'))[0]!.closedAt !== null);
}, 60_000);

test('a sensor is watched, an alert outlives the gateway’s restart, and another limit ends it', async () => {
  const oven = { kind: 'oven', name: 'Oven', model: 'HB-9' };
  await make('too-hot', {
    description: '{sensor} is at {value} °C.',
    watch: { kind: 'threshold', metric: 'oven.celsius', direction: 'above', raiseAt: 250, clearAt: 240, forMs: 0 },
    of: { kind: 'sensors', kinds: ['oven'], models: [] },
  });
  const report = { method: 'ReportStatus', arguments: { sensor: 'oven-1', values: { 'oven.celsius': 280 } } };
  const register = { method: 'RegisterSensor', arguments: { sensor: 'oven-1', properties: oven } };
  await say(register, report);
  await until('it is raised', () => seen('too-hot', ['open: Oven is at 280 °C.']));
  await gateway.process.stop();
  gateway.restart();
  await gateway.process.line(/ connected /);
  await gateway.process.line(/listening for programs/);
  await say(register, report);
  await server.call(updateRule, {
    params: { key: 'too-hot' },
    body: {
      watch: { kind: 'threshold', metric: 'oven.celsius', direction: 'above', raiseAt: 300, clearAt: 290, forMs: 0 },
    },
  });
  await until('it is closed', () => seen('too-hot', ['closed: Oven is at 280 °C.']));
  expect((await alerts('too-hot'))[0]!.count).toBe(1);
}, 60_000);

test('a rule for other houses does not reach this one', async () => {
  const watch = {
    kind: 'threshold',
    metric: 'uptime.seconds',
    direction: 'above',
    raiseAt: 1,
    clearAt: 0,
    forMs: 0,
  } as const;
  const elsewhere = { deviceTypes: ['elsewhere'], groupIds: [], deviceIds: [] };
  await make('elsewhere', { description: 'up', watch, target: elsewhere });
  await make('here', { description: 'up', watch, target: { ...elsewhere, deviceIds: [deviceId] } });
  await until('it is raised', () => seen('here', ['open: up']));
  await seen('elsewhere', []);
}, 60_000);
