/** The drivers of examples/, as they are: a program for each step, and one that speaks for its sensor over the socket. */
import { afterAll, expect, test } from 'bun:test';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SensorUpdate } from '@lovely/protocol';
import { removeTemporaryFolders, temporaryFolder } from '../../../test/folder.ts';
import { LocalRig } from '../../../test/local-rig.ts';
import { until } from '../../../test/until.ts';
import { systemClock } from '../../clock.ts';
import { serveSocket } from '../../local/socket.ts';
import { silentLog } from '../../log.ts';
import type { ModuleContext, UpdateModule } from '../update-module.ts';
import { driversIn } from './executable-driver.ts';
import { openSensorFirmware } from './sensor-firmware.ts';

const EXAMPLES = join(import.meta.dir, '../../../../../examples');
const PYTHON = '/usr/bin/python3';

afterAll(removeTemporaryFolders);

const CALLER = { user: 'uid 0', isRoot: true, name: 'test', tell: () => undefined };

interface Opened {
  readonly module: UpdateModule;
  readonly told: SensorUpdate[];
  readonly content: Uint8Array;
}

/** The update of one bulb to 2.0. */
async function open(rig: LocalRig, folder: string, driver: string | undefined): Promise<Opened> {
  const told: SensorUpdate[] = [];
  const content = randomBytes(150_000);
  const payload = join(folder, 'payload');
  mkdirSync(payload);
  const context: ModuleContext = {
    deployment: 'd1',
    payload: 0,
    type: 'sensor-firmware',
    header: {
      type: 'sensor-firmware',
      provides: {},
      depends: {},
      clearsProvides: [],
      metaData: { version: '2.0', kinds: ['light-bulb'], ...(driver ? { driver } : {}) },
    },
    artifact: { name: 'release', group: undefined, deviceTypes: ['house'] },
    provides: {},
    sensors: undefined,
    folder: payload,
    bytesToCome: () => 0,
    log: () => undefined,
    progress: () => undefined,
    tellSensors: (sensors) => void told.push(...sensors),
    signal: new AbortController().signal,
  };
  const findDriver = driversIn(join(folder, 'drivers'));
  const module = openSensorFirmware({ host: rig.api, findDriver, clock: systemClock })(context);
  await module.download(
    (async function* () {
      yield { name: 'bulb.bin', bytes: content.length, mtime: 0, content: new Blob([content]).stream() };
    })(),
  );
  return { module, told, content };
}

test('the driver in shell brings firmware onto a bulb, and back', async () => {
  const folder = temporaryFolder();
  const [drivers, bulbs] = [join(folder, 'drivers'), join(folder, 'bulbs')];
  const bulb = join(bulbs, 'bulb-1');
  for (const path of [drivers, bulb]) mkdirSync(path, { recursive: true });
  copyFileSync(join(EXAMPLES, 'sensor-drivers/example-bulb'), join(drivers, 'example-bulb'));
  chmodSync(join(drivers, 'example-bulb'), 0o755);
  writeFileSync(join(drivers, 'example-bulb.conf'), `${bulbs}\n`);
  writeFileSync(join(bulb, 'running'), '1.0\n');
  writeFileSync(join(bulb, 'asleep'), '0.1\n');
  const rig = new LocalRig(folder);
  rig.api.call(CALLER, 'RegisterSensor', { sensor: 'bulb-1', properties: { kind: 'light-bulb' } }, 0);
  const { module, told, content } = await open(rig, folder, 'example-bulb');
  const installed = module.install();
  const state = (): string => readFileSync(join(bulb, 'running'), 'utf8').trim();
  // It is not reachable at first; a driver says in how long it may be.
  await until(() => told.some(({ message }) => message === 'the bulb is asleep'));
  rmSync(join(bulb, 'asleep'));
  await installed;
  expect(state()).toBe('2.0');
  expect(
    createHash('sha256')
      .update(readFileSync(join(bulb, 'spare')))
      .digest('hex'),
  ).toBe(createHash('sha256').update(content).digest('hex'));
  expect(rig.registry.get('bulb-1')?.firmware).toBe('2.0');
  await module.rollback();
  expect([state(), told.at(-1)?.state, rig.registry.get('bulb-1')?.firmware]).toEqual(['1.0', 'rolled-back', '1.0']);
  await module.cleanup();
});

test.skipIf(!existsSync(PYTHON))(
  'the program in Python does it for the bulb that it speaks for, and when it was killed',
  async () => {
    const folder = temporaryFolder();
    const rig = new LocalRig(folder);
    const stopping = new AbortController();
    const path = join(folder, 'client.sock');
    const serving = serveSocket(path, rig.api, silentLog, stopping.signal);
    await until(() => existsSync(path));
    const start = () => Bun.spawn([PYTHON, join(EXAMPLES, 'python/bulb.py'), path, join(folder, 'bulb.json')]);
    const bulb = (): { running: string } =>
      JSON.parse(readFileSync(join(folder, 'bulb.json'), 'utf8')) as { running: string };
    const first = start();
    await until(() => rig.api.isPresent('bulb-1'));
    const { module, told } = await open(rig, folder, undefined);
    const installed = module.install();
    first.kill('SIGKILL');
    await until(() => !rig.api.isPresent('bulb-1'));
    const second = start();
    await until(() => rig.api.isPresent('bulb-1'));
    await installed;
    expect([bulb().running, rig.registry.get('bulb-1')?.firmware]).toEqual(['2.0', '2.0']);
    await module.rollback();
    expect([bulb().running, told.at(-1)?.state]).toEqual(['1.0', 'rolled-back']);
    stopping.abort();
    await serving;
    await Promise.all([first.exited, second.exited]);
  },
  30_000,
);
