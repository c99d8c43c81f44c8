/**
 * Firmware of the sensors of a simulated house: the real plan of the client, with drivers that take their time, find a sensor
 * asleep now and then, and fail by bad luck. A release is for sensors when its name says so: `light-bulb-3.1`, or
 * `light-bulb-3.1-bad`, which fails in many houses.
 */
import {
  chooseSensors,
  runSensors,
  sleep,
  turnBack,
  UpdateError,
  type Clock,
  type Driver,
  type SensorFirmware,
  type SensorRecord,
  type StepRun,
} from '@lovely/client';
import type { SensorDescription } from '@lovely/protocol';
import {
  BAD_FIRMWARE_FAILS_SHARE,
  FIRMWARE_FAILS_SHARE,
  FIRMWARE_PARALLEL,
  FIRMWARE_PIECES,
  FIRMWARE_SLEEP_MS_MAX,
  FIRMWARE_SLEEPS_SHARE,
  FIRMWARE_STEP_MS,
} from './limits.ts';
import { between, pick, randomOf } from './random.ts';
import { SENSOR_KIND_NAMES } from './sensors.ts';

export interface SimulatedFirmwareOptions {
  readonly seed: number;
  /** Which house it is. */
  readonly house: number;
  sensors(): readonly SensorDescription[];
  /** A sensor runs this now. */
  learnFirmware(sensor: string, firmware: string): void;
  readonly clock: Clock;
}

interface Order {
  readonly kind: string;
  readonly version: string;
  readonly isBad: boolean;
}

/** The steps in which sensors fail, with what is told then. */
const FAILURES = [
  { step: 'prepare', message: 'the battery is too low' },
  { step: 'transfer', message: 'the sensor stopped answering in the middle' },
  { step: 'verify', message: 'the checksum that the sensor computes is another one' },
  { step: 'activate', message: 'the sensor came up with its old firmware' },
] as const;

export class SimulatedFirmware {
  readonly #options: SimulatedFirmwareOptions;
  #records: readonly SensorRecord[] = [];

  constructor(options: SimulatedFirmwareOptions) {
    this.#options = options;
  }

  /** Whether a release of this name is for sensors, and not for the gateway. */
  static isFor(artifactName: string): boolean {
    return orderOf(artifactName) !== undefined;
  }

  /** What the house provides once it has it. */
  static provides(artifactName: string): { [key: string]: string } {
    const { kind, version } = orderOf(artifactName)!;
    return { [`sensor-firmware.${kind}.version`]: version };
  }

  /** Brings the sensors that fit to the release. Throws UpdateError when one can't be. */
  async bringForward(run: StepRun): Promise<void> {
    const offer = run.offer();
    const firmware = firmwareOf(orderOf(offer.artifact.name)!);
    const records = chooseSensors(firmware, this.#options.sensors(), offer.sensors);
    this.#records = await this.#run(run, records);
    run.signal.throwIfAborted();
    const failed = this.#records.find(({ stage }) => stage === 'failed');
    if (failed === undefined) return;
    throw new UpdateError('sensor-failed', 'ArtifactInstall', `sensor ${failed.id}: ${failed.message}`);
  }

  async bringBack(run: StepRun): Promise<void> {
    const failed = this.#records.find(({ stage }) => stage === 'failed');
    const why = failed === undefined ? 'the update was not finished' : `${failed.id}: ${failed.message}`;
    this.#records = await this.#run(
      run,
      this.#records.map((record) => turnBack(record, why)),
    );
    run.signal.throwIfAborted();
  }

  async #run(run: StepRun, records: readonly SensorRecord[]): Promise<readonly SensorRecord[]> {
    const { sensors, learnFirmware, clock } = this.#options;
    const offer = run.offer();
    const order = orderOf(offer.artifact.name)!;
    const described = new Map(sensors().map((sensor) => [sensor.id, sensor]));
    const driver = this.#driver(order, offer.deployment, offer.attempt);
    return await runSensors({
      firmware: firmwareOf(order),
      records,
      described,
      files: [],
      update: offer.deployment,
      folder: '/',
      driver,
      host: {
        allSensors: sensors,
        sensor: (id) => sensors().find((sensor) => sensor.id === id),
        learnFirmware,
        askProgram: driver,
        listenToSensors: () => () => undefined,
      },
      save: () => undefined,
      news: {
        tellSensors: (news) => run.tellSensors(news),
        progress: (percent, news) => run.progress({ percent, sensors: news }),
      },
      log: (level, message) => run.log.add(level, message),
      clock,
      signal: run.signal,
    });
  }

  #driver({ version, isBad }: Order, deployment: string, attempt: number): Driver {
    const { seed, house, learnFirmware, clock } = this.#options;
    const woken = new Set<string>();
    return async ({ step, sensor, firmwareBefore }, progress, signal) => {
      const random = randomOf(seed, 'firmware', house, sensor.id, deployment, attempt);
      const fails = random() < (isBad ? BAD_FIRMWARE_FAILS_SHARE : FIRMWARE_FAILS_SHARE);
      const failure = fails ? pick(random, FAILURES) : undefined;
      const sleepMs = random() < FIRMWARE_SLEEPS_SHARE ? between(random, 0, FIRMWARE_SLEEP_MS_MAX) : 0;
      const isAsleep = sleepMs > 0 && step === 'transfer' && !woken.has(sensor.id);
      woken.add(sensor.id);
      if (isAsleep) return { kind: 'later', retryAfterMs: sleepMs, message: 'the sensor sleeps' };
      for (let piece = 1; piece <= FIRMWARE_PIECES; piece++) {
        await sleep(clock, FIRMWARE_STEP_MS[step] / FIRMWARE_PIECES, signal);
        progress.progress((100 * piece) / FIRMWARE_PIECES);
        if (piece > 1 && failure?.step === step) return { kind: 'refused', message: failure.message };
      }
      if (step === 'activate') learnFirmware(sensor.id, version);
      if (step === 'rollback') learnFirmware(sensor.id, firmwareBefore);
      return { kind: 'done', firmware: step === 'describe' ? sensor.firmware : undefined };
    };
  }
}

function orderOf(artifactName: string): Order | undefined {
  const [, kind, version, bad] = /^([a-z-]+)-(\d[\w.]*)(-bad)?$/.exec(artifactName) ?? [];
  if (kind === undefined || version === undefined || !SENSOR_KIND_NAMES.some((name) => name === kind)) return undefined;
  return { kind, version, isBad: bad !== undefined };
}

function firmwareOf({ kind, version }: Order): SensorFirmware {
  return {
    version,
    kinds: [kind],
    models: [],
    fromVersions: [],
    driver: undefined,
    parallel: FIRMWARE_PARALLEL,
    isAtomic: true,
    waitSeconds: 3600,
    order: [],
    isAfterReboot: false,
  };
}
