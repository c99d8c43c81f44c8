/** The run of many sensors on a clock that the test moves: who waits, who is woken, and what ends a driver that doesn't. */
import { expect, test } from 'bun:test';
import { readSensorFirmware } from '@lovely/artifact';
import type { SensorUpdate } from '@lovely/protocol';
import { ManualClock } from '../../../test/manual-clock.ts';
import { UpdateError } from '../update-module.ts';
import type { Driver, DriverStep, StepEnd, StepProgress } from './driver.ts';
import { chooseSensors, type SensorRecord } from './plan.ts';
import { runSensors } from './sensor-run.ts';

const HOUR_MS = 3600_000;

/** Steps that are under way, for the test to end. */
interface Step {
  readonly sensor: string;
  readonly step: DriverStep;
  readonly progress: StepProgress;
  readonly signal: AbortSignal;
  end(end: StepEnd): Promise<void>;
}

class Rig {
  readonly clock = new ManualClock();
  readonly told: SensorUpdate[] = [];
  readonly saved: (readonly SensorRecord[])[] = [];
  readonly stopping = new AbortController();
  readonly steps: Step[] = [];
  isDiskFull = false;
  signsOfLife = 0;
  #heard: (sensor: string) => void = () => undefined;
  readonly #run: Promise<readonly SensorRecord[]>;

  constructor(ids: readonly string[], metaData: object = {}) {
    const described = ids.map((id) => {
      return { id, kind: 'light-bulb', name: '', model: '', serial: '', firmware: '1.0', place: '' };
    });
    const firmware = readSensorFirmware({ version: '2.0', kinds: ['light-bulb'], ...metaData });
    const driver: Driver = async ({ sensor, step }, progress, signal) =>
      await new Promise<StepEnd>((resolve) => {
        signal.addEventListener('abort', () => resolve({ kind: 'failed', message: 'ended' }), { once: true });
        const end = async (how: StepEnd): Promise<void> => {
          this.steps.splice(
            this.steps.findIndex((one) => one.end === end),
            1,
          );
          resolve(how);
          await settled();
        };
        this.steps.push({ sensor: sensor.id, step, progress, signal, end });
      });
    this.#run = runSensors({
      firmware,
      records: chooseSensors(firmware, described, undefined),
      described: new Map(described.map((sensor) => [sensor.id, sensor])),
      files: [],
      update: 'd1/0',
      folder: '/nowhere',
      driver,
      host: {
        allSensors: () => described,
        sensor: () => undefined,
        learnFirmware: () => undefined,
        askProgram: driver,
        listenToSensors: (listener) => {
          this.#heard = listener;
          return () => (this.#heard = () => undefined);
        },
      },
      save: (records) => {
        if (this.isDiskFull) throw new UpdateError('disk-failed', 'ArtifactInstall', 'full');
        this.saved.push(records);
      },
      news: { tellSensors: (news) => void this.told.push(...news), progress: () => void this.signsOfLife++ },
      log: () => undefined,
      clock: this.clock,
      signal: this.stopping.signal,
    });
    this.#run.catch(() => undefined);
  }

  get names(): string[] {
    return this.steps.map(({ sensor, step }) => `${sensor} ${step}`);
  }

  async end(name: string, end: StepEnd): Promise<void> {
    await this.steps.find(({ sensor, step }) => `${sensor} ${step}` === name)!.end(end);
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await settled();
  }

  async hear(sensor: string): Promise<void> {
    this.#heard(sensor);
    await settled();
  }

  async over(): Promise<readonly SensorRecord[]> {
    return await this.#run;
  }
}

/** What follows at once has happened. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

const DONE: StepEnd = { kind: 'done', firmware: '1.0' };
const away = (hours: number): StepEnd => ({ kind: 'later', retryAfterMs: hours * HOUR_MS, message: 'asleep' });

test('a sensor that sleeps takes nobody’s turn, and is tried when it said and when it is heard of', async () => {
  const rig = new Rig(['a', 'b'], { parallel: 1 });
  await settled();
  expect(rig.names).toEqual(['a describe']);
  await rig.end('a describe', away(1));
  expect(rig.names).toEqual(['b describe']);
  await rig.end('b describe', DONE);
  await rig.end('b prepare', DONE);
  // It was tried a moment ago; then it is awake.
  await rig.hear('a');
  expect(rig.names).toEqual(['b transfer']);
  await rig.pass(20_000);
  await rig.hear('a');
  await rig.end('b transfer', DONE);
  expect(rig.names).toEqual(['a describe']);
  await rig.end('a describe', away(1));
  await rig.end('b verify', DONE);
  expect(rig.names).toEqual([]);
  await rig.pass(HOUR_MS - 1);
  expect(rig.names).toEqual([]);
  await rig.pass(1);
  expect(rig.names).toEqual(['a describe']);
  expect(rig.told.filter(({ id }) => id === 'a')).toEqual([{ id: 'a', state: 'waiting', message: 'asleep' }]);
  expect(rig.signsOfLife).toBeGreaterThan(50);
  rig.stopping.abort();
  await rig.over();
});

test('what is written down stands on the disk before the step that it tells of begins', async () => {
  const rig = new Rig(['a']);
  await settled();
  for (const [step, stage] of [
    ['describe', undefined],
    ['prepare', 'prepare'],
    ['transfer', 'transfer'],
    ['verify', 'verify'],
    ['activate', 'activate'],
    ['describe', 'confirm'],
  ] as const) {
    expect(rig.names).toEqual([`a ${step}`]);
    expect(rig.saved.at(-1)?.[0]?.stage).toBe(stage as SensorRecord['stage']);
    await rig.end(`a ${step}`, stage === 'confirm' ? { kind: 'done', firmware: '2.0' } : DONE);
  }
  expect((await rig.over())[0]?.stage).toBe('done');
});

test('a disk that takes nothing more keeps every sensor from switching', async () => {
  const rig = new Rig(['a', 'b']);
  await settled();
  await rig.end('a describe', DONE);
  rig.isDiskFull = true;
  await rig.end('a prepare', DONE);
  expect(rig.names).toEqual(['b describe']);
  await rig.end('b describe', DONE);
  expect(rig.over()).rejects.toThrow('full');
  await settled();
  expect(rig.names).toEqual([]);
});

test('a driver that says nothing, or takes too long, is ended and tried again, but not without end', async () => {
  const rig = new Rig(['a']);
  await settled();
  await rig.end('a describe', DONE);
  await rig.end('a prepare', DONE);
  const [transfer] = rig.steps;
  for (let minute = 0; minute < 9; minute++) await rig.pass(60_000);
  transfer!.progress.progress(10);
  for (let minute = 0; minute < 9; minute++) await rig.pass(60_000);
  expect(transfer!.signal.aborted).toBe(false);
  await rig.pass(60_000);
  expect(transfer!.signal.aborted).toBe(true);
  await rig.pass(60_000);
  expect(rig.names.at(-1)).toBe('a transfer');
  for (let hour = 0; hour < 60; hour++) {
    rig.steps.at(-1)!.progress.progress(undefined);
    await rig.pass(9 * 60_000);
  }
  expect(rig.steps.length).toBe(3);
  for (let hour = 0; hour < 12; hour++) await rig.pass(HOUR_MS);
  const [end] = await rig.over();
  expect(end).toMatchObject({ stage: 'failed', failures: 8, message: 'its driver said nothing for 10 minutes' });
});

test('one that gets further each time it wakes is waited for as long as it does', async () => {
  const rig = new Rig(['a'], { waitSeconds: 7200 });
  await settled();
  await rig.end('a describe', DONE);
  await rig.end('a prepare', DONE);
  for (let percent = 10; percent <= 90; percent += 10) {
    rig.steps[0]!.progress.progress(percent);
    await rig.end('a transfer', away(1));
    await rig.pass(HOUR_MS);
    expect(rig.names).toEqual(['a transfer']);
  }
  rig.steps[0]!.progress.progress(90);
  await rig.end('a transfer', away(1));
  await rig.pass(HOUR_MS);
  await rig.end('a transfer', away(1));
  expect((await rig.over())[0]).toMatchObject({
    stage: 'failed',
    message: 'it could not be reached for 2 hours: asleep',
  });
});

test('when one of all or nothing fails, transfers end and what switches is let be', async () => {
  const rig = new Rig(['a', 'b', 'c']);
  await settled();
  for (const id of ['a', 'b', 'c']) await rig.end(`${id} describe`, DONE);
  for (const id of ['a', 'b']) await rig.end(`${id} prepare`, DONE);
  await rig.end('a transfer', DONE);
  await rig.end('c prepare', { kind: 'refused', message: 'battery low' });
  const [transfer, verify] = [
    rig.steps.find(({ step }) => step === 'transfer')!,
    rig.steps.find(({ step }) => step === 'verify')!,
  ];
  expect([transfer.signal.aborted, verify.signal.aborted]).toEqual([true, false]);
  await rig.end('a verify', DONE);
  const stages = (await rig.over()).map(({ id, stage }) => `${id} ${stage}`);
  expect(stages).toEqual(['a staged', 'b transfer', 'c failed']);
});
