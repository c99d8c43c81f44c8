/** Firmware for the sensors of a house, from the upload to the bulbs: a real server, a real gateway and a driver as its owner has one. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDeployment,
  deploymentOptions,
  getDeploymentDevice,
  getDevice,
  listDeploymentFailures,
  listSensors,
  type DeploymentDeviceDetail,
} from '@lovely/api';
import { TestGateway } from './harness/gateway.ts';
import { TestServer } from './harness/server.ts';
import { uploadRelease } from './harness/software.ts';
import { until } from './harness/wait.ts';

const EXAMPLES = new URL('../examples/sensor-drivers/', import.meta.url).pathname;
const DEVICE_TYPE = 'bulb-gateway';
const BULBS = ['bulb-1', 'bulb-2', 'bulb-3', 'bulb-4'];

/** The example of the documentation, on a house where a bulb may have a broken relay. */
const DRIVER = `#!/bin/sh
if [ "$1" = activate ] && [ -e "$FOLDER/bulbs/$SENSOR_ID/broken" ]; then
  echo '{"message": "its relay is stuck"}'
  exit 69
fi
exec "$FOLDER/drivers/example-bulb" "$@"
`;

const resources = new AsyncDisposableStack();
let server: TestServer;
let device: string;
let folder: string;
const at = (...names: string[]): string => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lovely-sensor-update-'));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  await mkdir(at('drivers'));
  await copyFile(join(EXAMPLES, 'example-bulb'), at('drivers', 'example-bulb'));
  await writeFile(at('drivers', 'example-bulb.conf'), at('bulbs'));
  await writeFile(at('drivers', 'house-bulb'), DRIVER.replaceAll('$FOLDER', folder));
  for (const name of ['example-bulb', 'house-bulb']) await chmod(at('drivers', name), 0o755);
  for (const bulb of BULBS) {
    await mkdir(at('bulbs', bulb), { recursive: true });
    await writeFile(at('bulbs', bulb, 'running'), '1.0');
  }
  server = resources.use(await TestServer.start());
  const args = ['--device-type', DEVICE_TYPE, '--driver-dir', at('drivers'), '--socket', at('socket')];
  const gateway = resources.use(await TestGateway.start(server, { args }));
  const found = await server.deviceWith(gateway.serial);
  device = found.id;
  await server.accept(found);
  await gateway.process.line(/listening for programs/);
  const program = createConnection(at('socket'));
  resources.defer(() => void program.destroy());
  register(program);
  await until('its bulbs are known', async () => (await firmwareOfBulbs()).length === BULBS.length);
  await until('it is connected', async () => (await server.call(getDevice, { params: { id: device } })).connected);
}, 60_000);
afterAll(() => resources.disposeAsync());

/** The program that speaks for the bulbs says that they are there. */
function register(program: Socket): void {
  for (const sensor of BULBS) {
    const properties = { kind: 'light-bulb', name: sensor, model: 'Lumo E27', firmware: '1.0' };
    program.write(`${JSON.stringify({ id: sensor, method: 'RegisterSensor', arguments: { sensor, properties } })}\n`);
  }
}

async function deploy(version: string): Promise<DeploymentDeviceDetail> {
  const name = `bulbs-${version}`;
  await uploadRelease(server, {
    name,
    type: 'sensor-firmware',
    deviceType: DEVICE_TYPE,
    content: `firmware ${version}`,
    metaData: { version, kinds: ['light-bulb'], driver: 'house-bulb' },
  });
  const { id } = await server.call(createDeployment, {
    body: {
      name,
      artifactName: name,
      target: { kind: 'devices', ids: [device] },
      options: deploymentOptions.parse({ gates: null }),
    },
  });
  return await until(
    `${name} is through`,
    async () => {
      const detail = await server.call(getDeploymentDevice, { params: { id, deviceId: device } });
      return detail.finishedAt === null ? undefined : detail;
    },
    60_000,
  );
}

/** As the house's page shows it. */
async function firmwareOfBulbs(): Promise<[id: string, firmware: string][]> {
  const { items } = await server.call(listSensors, { params: { id: device } });
  return items.map(({ id, firmware }) => [id, firmware]);
}

/** What the bulbs themselves run. */
async function runningOnBulbs(): Promise<string[]> {
  return await Promise.all(BULBS.map(async (bulb) => (await readFile(at('bulbs', bulb, 'running'), 'utf8')).trim()));
}

test('one bulb that fails brings all of them back, and the deployment says which and why', async () => {
  await writeFile(at('bulbs', 'bulb-3', 'broken'), '');
  const failed = await deploy('2.0');
  expect(failed).toMatchObject({
    state: 'failure',
    isRolledBack: true,
    cause: { code: 'sensor-failed', step: 'ArtifactInstall', message: 'sensor bulb-3: its relay is stuck' },
  });
  expect(await runningOnBulbs()).toEqual(['1.0', '1.0', '1.0', '1.0']);
  expect(failed.sensors.map(({ id, state }) => [id, state])).toEqual(BULBS.map((bulb) => [bulb, 'rolled-back']));
  expect(failed.sensors.find(({ id }) => id === 'bulb-3')?.message).toContain('its relay is stuck');
  const { items } = await server.call(listDeploymentFailures, { params: { id: failed.deploymentId } });
  expect(items.map(({ code, houses, rolledBack }) => [code, houses, rolledBack])).toEqual([['sensor-failed', 1, 1]]);
  expect(await firmwareOfBulbs()).toEqual(BULBS.map((bulb) => [bulb, '1.0']));
}, 60_000);

test('firmware that suits all of them is what all of them run, and what the house says of them', async () => {
  await rm(at('bulbs', 'bulb-3', 'broken'), { force: true });
  const done = await deploy('2.1');
  expect(done).toMatchObject({ state: 'success', cause: null });
  expect(done.sensors.map(({ id, state }) => [id, state])).toEqual(BULBS.map((bulb) => [bulb, 'success']));
  expect(await runningOnBulbs()).toEqual(['2.1', '2.1', '2.1', '2.1']);
  await until('the sensors of the house are new', async () =>
    (await firmwareOfBulbs()).every(([, firmware]) => firmware === '2.1'),
  );
}, 60_000);
