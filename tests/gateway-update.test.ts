/** Software over the live channel, from the server to a real gateway's disk, whatever is killed on the way. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  continueDeploymentDevice,
  createDeployment,
  deploymentOptions,
  getDeploymentDevice,
  getDevice,
  getDeploymentLog,
  listDeploymentFailures,
  type DeploymentDeviceDetail,
} from '@lovely/api';
import { TestGateway } from './harness/gateway.ts';
import { TestServer } from './harness/server.ts';
import { smallDisk } from './harness/small-disk.ts';
import { uploadRelease } from './harness/software.ts';
import { until } from './harness/wait.ts';

const START_MS = 90_000;
const STEP_MS = 60_000;
const DEVICE_TYPE = 'update-gateway';

const resources = new AsyncDisposableStack();
let server: TestServer;
let gateway: TestGateway;
let device: string;
let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lovely-update-'));
  resources.defer(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(at('software'), 'old');
  writeFileSync(at('door'), MODULE);
  chmodSync(at('door'), 0o755);
  server = resources.use(await TestServer.start());
  gateway = resources.use(
    await TestGateway.start(server, { args: ['--module-dir', folder, '--device-type', DEVICE_TYPE] }),
  );
  const { id } = await server.deviceWith(gateway.serial);
  device = id;
  await server.accept(await server.deviceWith(gateway.serial));
  await until('it is connected', async () => (await server.call(getDevice, { params: { id } })).connected, STEP_MS);
}, START_MS);
afterAll(() => resources.disposeAsync());

/** Copies one file, hangs, fails or fills a disk when it is told to, and can go back. */
const MODULE = `#!/bin/sh
home=$(dirname "$0")
case $1 in
  SupportsRollback) echo Yes;;
  ArtifactInstall)
    [ -f tmp/before ] || { cp $home/software tmp/before.new; mv tmp/before.new tmp/before; }
    cp files/content $home/next
    [ -f $home/hang ] && { touch $home/hanging; sleep 600; }
    [ -f $home/fail ] && { echo "the door is jammed" >&2; exit 3; }
    [ -f $home/disk ] && { cat /dev/zero > "$(cat $home/disk)/door" || exit 1; }
    mv $home/next $home/software;;
  ArtifactRollback) [ -f tmp/before ] && cp tmp/before $home/software.old && mv $home/software.old $home/software;;
esac
exit 0
`;

async function deploy(name: string, pauseBefore: ('install' | 'reboot' | 'commit')[] = []): Promise<string> {
  await uploadRelease(server, { name, type: 'door', deviceType: DEVICE_TYPE, content: name });
  const options = deploymentOptions.parse({ gates: null, pauseBefore });
  const { id } = await server.call(createDeployment, {
    body: { name, artifactName: name, target: { kind: 'devices', ids: [device] }, options },
  });
  return id;
}

async function reaches(id: string, state: DeploymentDeviceDetail['state']): Promise<DeploymentDeviceDetail> {
  const params = { id, deviceId: device };
  return await until(
    `the update is ${state}`,
    async () => {
      const detail = await server.call(getDeploymentDevice, { params });
      return detail.state === state && (state !== 'failure' || detail.finishedAt !== null) ? detail : undefined;
    },
    STEP_MS,
  );
}

const software = (): string => readFileSync(at('software'), 'utf8');

test(
  'it waits where it is told to, also when it is killed there, and goes on when it may',
  async () => {
    const id = await deploy('door-2', ['install']);
    await reaches(id, 'pause_before_installing');
    process.kill(gateway.process.pid, 'SIGKILL');
    await gateway.process.exited;
    gateway.restart();
    await until(
      'it is back',
      async () => (await server.call(getDevice, { params: { id: device } })).connected,
      STEP_MS,
    );
    expect(software()).toBe('old');
    await until(
      'it goes on',
      async () => {
        await server.call(continueDeploymentDevice, { params: { id, deviceId: device } }).catch(() => undefined);
        return software() === 'door-2';
      },
      STEP_MS,
    );
    await reaches(id, 'success');
  },
  2 * START_MS,
);

test(
  'a step that fails is undone, and its log says why',
  async () => {
    writeFileSync(at('fail'), '');
    const id = await deploy('door-3');
    const { cause, isRolledBack } = await reaches(id, 'failure');
    expect(cause).toMatchObject({ code: 'module-failed', step: 'ArtifactInstall' });
    expect(isRolledBack).toBe(true);
    expect(software()).toBe('door-2');
    const { lines } = await server.call(getDeploymentLog, { params: { id, deviceId: device } });
    expect(lines.map(({ message }) => message)).toContain('the door is jammed');
    rmSync(at('fail'));
  },
  START_MS,
);

test.skipIf(process.getuid?.() !== 0)(
  'a disk that is full is what it failed of, and not the module that met it',
  async () => {
    await using disk = await smallDisk();
    writeFileSync(at('disk'), disk.path);
    const id = await deploy('door-3-large');
    const { cause, isRolledBack } = await reaches(id, 'failure');
    rmSync(at('disk'));
    expect(cause).toEqual({
      code: 'no-space',
      step: 'ArtifactInstall',
      message: 'the update module ended with 1: cat: write error: No space left on device',
    });
    expect(isRolledBack).toBe(true);
    expect(software()).toBe('door-2');
    const { items } = await server.call(listDeploymentFailures, { params: { id } });
    expect(items).toMatchObject([{ code: 'no-space', houses: 1, rolledBack: 1 }]);
  },
  START_MS,
);

test(
  'a client that is killed in the middle of the installation goes back when it starts, and says what happened',
  async () => {
    writeFileSync(at('hang'), '');
    const id = await deploy('door-4');
    await until('it installs', () => existsSync(at('hanging')), STEP_MS);
    process.kill(gateway.process.pid, 'SIGKILL');
    await gateway.process.exited;
    rmSync(at('hang'));
    gateway.restart();
    const { cause, isRolledBack } = await reaches(id, 'failure');
    expect(cause).toMatchObject({ code: 'power-lost', step: 'install' });
    expect(isRolledBack).toBe(true);
    expect(software()).toBe('door-2');
  },
  START_MS,
);
