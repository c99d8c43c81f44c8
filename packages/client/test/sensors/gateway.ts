/**
 * A gateway that updates its sensors and does nothing else: the real module on a real disk, with the steps of Mender's state
 * machine around it. As a program, which can be killed: gateway.ts FOLDER; it prints nothing, and ends with 0 when it is through.
 */
import { appendFileSync, createReadStream, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../src/atomic-file.ts';
import type { Driver } from '../../src/update/sensors/driver.ts';
import { driversIn } from '../../src/update/sensors/executable-driver.ts';
import { openSensorFirmware } from '../../src/update/sensors/sensor-firmware.ts';
import { UpdateError, type ModuleFile, type UpdateModule } from '../../src/update/update-module.ts';
import { LocalRig } from '../local-rig.ts';
import { IdleClock } from './idle-clock.ts';

/** Where the update is; the next life goes on there. */
export type Phase = 'download' | 'install' | 'rollback' | 'cleanup' | 'over';

export interface Progress {
  readonly phase: Phase;
  readonly failure?: { readonly code: string; readonly step: string; readonly message: string };
  readonly isRolledBack?: boolean;
}

export interface Order {
  readonly metaData: { readonly [key: string]: unknown };
  readonly sensors?: readonly string[];
}

/** Goes on where the last life was killed, until the update is over. */
export async function live(folder: string): Promise<Progress> {
  const path = (name: string): string => join(folder, name);
  const clock = new IdleClock();
  const rig = new LocalRig(path('gateway'));
  const order = JSON.parse(readFileSync(path('order.json'), 'utf8')) as Order;
  const payload = path('gateway/payload');
  mkdirSync(payload, { recursive: true });
  const open = openSensorFirmware({
    host: rig.api,
    clock,
    findDriver: (name) => {
      const driver = driversIn(path('drivers'))(name);
      const busy: Driver = async (...args) => await clock.during(async () => await driver(...args));
      return busy;
    },
  });
  const log = (level: string, message: string): void => appendFileSync(path('log'), `${level} ${message}\n`);
  const module = open({
    deployment: 'd1',
    payload: 0,
    type: 'sensor-firmware',
    header: { type: 'sensor-firmware', provides: {}, depends: {}, clearsProvides: [], metaData: order.metaData },
    artifact: { name: 'release', group: undefined, deviceTypes: ['house'] },
    provides: {},
    sensors: order.sensors,
    folder: payload,
    bytesToCome: () => 0,
    log,
    progress: () => undefined,
    tellSensors: (sensors) => appendFileSync(path('told'), `${JSON.stringify(sensors)}\n`),
    signal: new AbortController().signal,
  });
  clock.run();
  try {
    const progress = path('progress.json');
    let now: Progress = existsSync(progress)
      ? (JSON.parse(readFileSync(progress, 'utf8')) as Progress)
      : { phase: 'download' };
    while (now.phase !== 'over') {
      now = await advance(module, now, path('firmware.bin'), log);
      if (now.phase === 'over') rmSync(payload, { recursive: true, force: true });
      writeFileAtomic(progress, JSON.stringify(now));
    }
    rig.registry.flush();
    return now;
  } finally {
    clock.stop();
  }
}

async function advance(
  module: UpdateModule,
  now: Progress,
  firmware: string,
  log: (level: string, message: string) => void,
): Promise<Progress> {
  switch (now.phase) {
    case 'download':
      return await module.download(files(firmware)).then(
        (): Progress => ({ phase: 'install' }),
        (error: unknown): Progress => ({ phase: 'cleanup', failure: failureOf(error) }),
      );
    case 'install':
      return await module.install().then(
        (): Progress => ({ phase: 'cleanup' }),
        (error: unknown): Progress => ({ phase: 'rollback', failure: failureOf(error) }),
      );
    case 'rollback':
      return await module.rollback().then(
        (): Progress => ({ ...now, phase: 'cleanup', isRolledBack: true }),
        (error: unknown): Progress => {
          log('error', failureOf(error).message);
          return { ...now, phase: 'cleanup', isRolledBack: false };
        },
      );
    default:
      await module.cleanup();
      return { ...now, phase: 'over' };
  }
}

async function* files(path: string): AsyncGenerator<ModuleFile> {
  yield { name: 'firmware.bin', bytes: statSync(path).size, mtime: 0, content: createReadStream(path) };
}

function failureOf(error: unknown): NonNullable<Progress['failure']> {
  if (!(error instanceof UpdateError)) throw error;
  return { code: error.code, step: error.step, message: error.message };
}

if (import.meta.main) {
  await live(process.argv[2]!);
  process.exit(0);
}
