/**
 * Configuration of a real gateway behind a proxy that a value can cut it off from: set, inherited, obeyed at once, and gone
 * back from by itself.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  addGroupDevices,
  createGroup,
  getDevice,
  getDeviceConfiguration,
  getDeviceStatus,
  listAlerts,
  listAudit,
  listConfigurations,
  listDeviceConfigurationVersions,
  putDeviceConfiguration,
  putGroupConfiguration,
  removeGroupDevices,
  retryDeviceConfiguration,
  revertDeviceConfiguration,
  type Configuration,
} from '@lovely/api';
import { Proxy } from '@lovely/client/testing';
import { TestGateway } from './harness/gateway.ts';
import { TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';

let server: TestServer;
let proxy: Proxy;
let gateway: TestGateway;
let folder: string;
let id: string;

const file = (name: string): string => join(folder, name);

/** What a house's owner may have: a program that changes the way to the internet. Some ways lead nowhere. */
const UPLINK = `#!/bin/sh
cp "$1" "${'$'}FOLDER/applied.json"
case "$(cat "$1")" in
  *'"uplink": "broken"'*) touch "${'$'}FOLDER/cut" ;;
  *'"uplink": "bad"'*) echo "no such uplink" >&2; exit 1 ;;
  *) rm -f "${'$'}FOLDER/cut" ;;
esac
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lovely-configuration-'));
  await mkdir(file('apply.d'));
  await writeFile(file('apply.d/10-uplink'), UPLINK.replaceAll('$FOLDER', folder));
  await chmod(file('apply.d/10-uplink'), 0o755);
  server = await TestServer.start();
  proxy = await Proxy.start({ cutFile: file('cut') });
  const args = ['--proxy', proxy.url, '--configure-dir', file('apply.d'), '--sample-interval-ms', '60000'];
  const joined = await TestGateway.join(server, { args });
  gateway = joined;
  id = joined.id;
  await until('it is connected', async () => (await server.call(getDevice, { params: { id } })).connected);
}, 60_000);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

type Values = Configuration['own'];

const read = (): Promise<Configuration> => server.call(getDeviceConfiguration, { params: { id } });
const put = (values: Values, confirmMs: number | null = null): Promise<Configuration> =>
  server.call(putDeviceConfiguration, { params: { id }, body: { values, confirmMs, note: '' } });
const untilState = (state: Configuration['state']): Promise<Configuration> =>
  until(`it is ${state}`, async () => {
    const now = await read();
    return now.state === state ? now : undefined;
  });

test('values reach the gateway at once, its programs make them so, and the client obeys its own', async () => {
  const client = { 'client/sampleIntervalMs': 200, 'client/reportBatchMs': 200, 'client/fullReportIntervalMs': 1000 };
  const values = { uplink: 'cable', ...client, 'sensor/oven-1/childLock': true };
  await put(values);
  const now = await untilState('current');
  expect(now.reported).toEqual(values);
  expect(JSON.parse(await readFile(file('applied.json'), 'utf8'))).toEqual({ uplink: 'cable' });
  const newest = async (): Promise<string> => {
    const { metrics } = await server.call(getDeviceStatus, { params: { id } });
    return (
      metrics
        .map(({ ts }) => ts)
        .toSorted()
        .at(-1) ?? ''
    );
  };
  const before = await newest();
  await until('it reports more often than once a minute', async () => (await newest()) > before);
  const entry = now.entries.find(({ key }) => key === 'uplink');
  expect(entry).toMatchObject({ origin: 'house', state: 'same', error: null });
  const { items } = await server.call(listAudit, { query: { action: 'configuration.replace' } });
  expect(items[0]).toMatchObject({ result: 'success', change: { uplink: { before: null, after: 'cable' } } });
}, 30_000);

test('values that are not as the schema says are refused, each with its reason', async () => {
  const { version } = await read();
  const response = await server.fetch(`/api/v1/devices/${id}/configuration`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${await server.token()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ values: { 'client/sampleIntervalMs': 1, 'client/shellMax': 3, uplink: 'cable' } }),
  });
  expect(response.status).toBe(422);
  expect(((await response.json()) as { errors: unknown }).errors).toEqual([
    { pointer: '/values/client~1sampleIntervalMs', detail: 'It is at least 100 ms.' },
    { pointer: '/values/client~1shellMax', detail: 'There is no such setting.' },
  ]);
  expect((await read()).version).toBe(version);
});

test('a value that cuts the gateway off is gone back from, told, and not sent again', async () => {
  const before = await put({ uplink: 'cable' });
  await untilState('current');
  await put({ uplink: 'broken' }, 2000);
  await until('the gateway is cut off', () => Bun.file(file('cut')).exists());
  const now = await untilState('reverted');
  expect(now).toMatchObject({
    desired: { uplink: 'broken' },
    reverted: { version: before.desiredVersion + 1, reason: 'no-connection' },
  });
  await until('it says what it has', async () => (await read()).reported.uplink === 'cable');
  expect(JSON.parse(await readFile(file('applied.json'), 'utf8'))).toEqual({ uplink: 'cable' });
  expect(await Bun.file(file('cut')).exists()).toBe(false);
  const { items } = await server.call(listAlerts, { query: { deviceId: id, rule: 'configuration-reverted' } });
  expect(items).toMatchObject([{ state: 'open', severity: 'warning' }]);
  const behind = await server.call(listConfigurations, { query: { state: 'behind' } });
  expect(behind).toMatchObject({ items: [{ deviceId: id, state: 'reverted' }], counts: { reverted: 1, current: 0 } });
  expect((await read()).desiredVersion).toBe(now.desiredVersion);
}, 60_000);

test('an earlier version is set again, and the alert closes', async () => {
  const { items } = await server.call(listDeviceConfigurationVersions, { params: { id } });
  const good = items.find(({ values }) => values.uplink === 'cable' && Object.keys(values).length === 1)!;
  await server.call(revertDeviceConfiguration, { params: { id }, body: { version: good.version, confirmMs: 1000 } });
  expect(await untilState('confirming')).toMatchObject({ reported: { uplink: 'cable' } });
  expect(await untilState('current')).toMatchObject({ own: { uplink: 'cable' }, desired: { uplink: 'cable' } });
  const alerts = await server.call(listAlerts, { query: { deviceId: id, rule: 'configuration-reverted' } });
  expect(alerts.items.every(({ state }) => state === 'closed')).toBe(true);
}, 30_000);

test('what a program refuses is told, and gone back from where that was wished', async () => {
  await put({ uplink: 'bad' });
  expect(await untilState('failed')).toMatchObject({
    problems: [{ key: null, message: '10-uplink ended with 1: no such uplink' }],
  });
  await server.call(retryDeviceConfiguration, { params: { id }, body: { confirmMs: 60_000 } });
  expect(await untilState('reverted')).toMatchObject({
    reverted: { reason: 'failed' },
    problems: [{ key: null, message: '10-uplink ended with 1: no such uplink' }],
  });
  await put({ uplink: 'cable' });
  await untilState('current');
}, 30_000);

test('a gateway that is killed in its time to confirm goes back when it can’t come back', async () => {
  const { desiredVersion } = await put({ uplink: 'broken', colour: 'green' }, 3000);
  await until('the gateway is cut off', () => Bun.file(file('cut')).exists());
  gateway.process.signal('SIGKILL');
  await gateway.process.exited;
  gateway.restart();
  const now = await untilState('reverted');
  expect(now.reverted).toMatchObject({ version: desiredVersion, reason: 'no-connection' });
  await until('it says what it has', async () => (await read()).reported.uplink === 'cable');
  await put({ uplink: 'cable' });
  await untilState('current');
}, 60_000);

test('a house inherits from its groups, the house overrides them, and leaving one takes its values away', async () => {
  const make = async (name: string, values: Values, priority: number): Promise<string> => {
    const group = await server.call(createGroup, { body: { name: `${name} ${id}`, description: '', filter: null } });
    await server.call(putGroupConfiguration, {
      params: { id: group.id },
      body: { values, priority, confirmMs: null, note: '' },
    });
    return group.id;
  };
  const weak = await make('Italy', { language: 'it', colour: 'red', uplink: 'fibre' }, 10);
  const strong = await make('Pilots', { colour: 'blue' }, 20);
  for (const groupId of [weak, strong])
    await server.call(addGroupDevices, { params: { id: groupId }, body: { deviceIds: [id] } });
  const inherited = { uplink: 'cable', language: 'it', colour: 'blue' };
  const now = await until('it has them', async () => {
    const one = await read();
    return one.state === 'current' && one.reported.language === 'it' && one.reported.colour === 'blue'
      ? one
      : undefined;
  });
  expect(now).toMatchObject({ desired: inherited, reported: inherited, own: { uplink: 'cable' }, isPending: false });
  expect(now.entries.find(({ key }) => key === 'colour')).toMatchObject({
    origin: 'group',
    group: { groupId: strong },
    overridden: [{ groupId: weak, value: 'red' }],
  });
  await server.call(putGroupConfiguration, {
    params: { id: weak },
    body: { values: { language: 'de', uplink: 'fibre' }, priority: 10, confirmMs: null, note: '' },
  });
  await until('it has the new value', async () => (await read()).reported.language === 'de');
  for (const groupId of [weak, strong])
    await server.call(removeGroupDevices, { params: { id: groupId }, body: { deviceIds: [id] } });
  await until('it has its own alone', async () => Object.keys((await read()).reported).join() === 'uplink');
  expect(await untilState('current')).toMatchObject({ desired: { uplink: 'cable' } });
}, 30_000);
