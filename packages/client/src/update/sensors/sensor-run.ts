/**
 * Brings the sensors of one payload on, each step as soon as it may begin, until all are through. What waits costs a timer:
 * a sensor that sleeps for an hour takes nobody's turn.
 */
import { join } from 'node:path';
import type { SensorFirmware } from '@lovely/artifact';
import type { SensorDescription } from '@lovely/protocol';
import type { Clock } from '../../clock.ts';
import {
  SENSOR_AWAY_MS,
  SENSOR_AWAY_MS_MAX,
  SENSOR_AWAY_MS_MIN,
  SENSOR_LIFE_MS,
  SENSOR_RETRY_FIRST_MS,
  SENSOR_RETRY_MAX_MS,
  SENSOR_SILENCE_MS,
  SENSOR_STEP_TIMEOUT_MS,
  SENSOR_WAIT_NOTED_MS,
  SENSOR_WAKE_MS,
} from '../../limits.ts';
import type { Driver, DriverStep, FirmwareFile, StepEnd, StepProgress } from './driver.ts';
import { afterStep, isOver, rankOf, stepOf, switchable, switching, type Course, type SensorRecord } from './plan.ts';
import type { SensorHost } from './sensor-host.ts';
import { SensorNews, type TellNews } from './sensor-news.ts';

export interface SensorRunOptions {
  readonly firmware: SensorFirmware;
  readonly records: readonly SensorRecord[];
  readonly described: ReadonlyMap<string, SensorDescription>;
  readonly files: readonly FirmwareFile[];
  /** Names the update for ever. */
  readonly update: string;
  readonly folder: string;
  readonly driver: Driver;
  readonly host: SensorHost;
  /** Writes down how far the sensors are; what it throws ends the run. */
  save(records: readonly SensorRecord[]): void;
  readonly news: TellNews;
  log(level: 'info' | 'warning', message: string): void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface Running {
  readonly step: DriverStep;
  readonly stop: AbortController;
}

/**
 * Resolves with how it ended for each, or, once `signal` is aborted, with how far they came. All or nothing ends with the first
 * that fails for good: what is under way then is brought to the end of its step.
 */
export async function runSensors(options: SensorRunOptions): Promise<readonly SensorRecord[]> {
  return await new SensorRun(options).run();
}

class SensorRun {
  readonly #options: SensorRunOptions;
  readonly #course: Course;
  readonly #news: SensorNews;
  readonly #records: Map<string, SensorRecord>;
  readonly #running = new Map<string, Running>();
  /** Sensors that wait, each with what ends that, and since when they do. */
  readonly #waiting = new Map<string, { readonly end: () => void; readonly fromMs: number }>();
  /** Sensors that can't be reached, and up to when that was counted. */
  readonly #away = new Map<string, number>();
  /** How far the step that a sensor is at ever came. */
  readonly #furthest = new Map<string, number>();
  #unnotedMs = 0;
  #failure: { readonly error: unknown } | undefined;
  #changed: () => void = () => undefined;

  constructor(options: SensorRunOptions) {
    this.#options = options;
    const { firmware, records, clock, news } = options;
    this.#course = { version: firmware.version, waitMs: firmware.waitSeconds * 1000, isAtomic: firmware.isAtomic };
    this.#records = new Map(records.map((record) => [record.id, record]));
    this.#news = new SensorNews(news, clock);
  }

  async run(): Promise<readonly SensorRecord[]> {
    const { host, signal } = this.#options;
    const stopListening = host.listenToSensors((sensor) => this.#wake(sensor));
    const stop = (): void => {
      this.#stop(() => true);
      this.#changed();
    };
    signal.addEventListener('abort', stop);
    for (const record of this.#all()) this.#news.tell(record);
    const cancelLife = this.#showLife();
    try {
      for (;;) {
        const changed = new Promise<void>((resolve) => (this.#changed = resolve));
        const isEnding = signal.aborted || this.#failure !== undefined || this.#isGivingUp();
        if (!isEnding) this.#begin();
        if (this.#running.size === 0 && (isEnding || this.#all().every(isOver))) break;
        await changed;
      }
    } finally {
      cancelLife();
      stopListening();
      signal.removeEventListener('abort', stop);
      for (const { end } of this.#waiting.values()) end();
      this.#news.close();
    }
    if (this.#failure) throw this.#failure.error;
    return this.#all();
  }

  #all(): SensorRecord[] {
    return [...this.#records.values()];
  }

  /** One of all-or-nothing has failed: nothing new begins, and transfers end, as nobody will need them. */
  #isGivingUp(): boolean {
    const isLost = this.#all().some(({ stage }) => stage === 'failed');
    if (isLost) this.#stop(({ step }) => step === 'transfer');
    return isLost;
  }

  #stop(which: (running: Running) => boolean): void {
    for (const running of this.#running.values()) if (which(running)) running.stop.abort();
  }

  #begin(): void {
    const { firmware } = this.#options;
    const free = (): number => firmware.parallel - this.#running.size;
    const rank = ({ id }: SensorRecord): number => rankOf(firmware, this.#sensor(id));
    for (const record of switchable(this.#all(), firmware.isAtomic, rank)) {
      if (free() <= 0) return;
      if (this.#put(switching(record))) this.#start(record.id);
    }
    for (const { id } of this.#all()) {
      if (free() <= 0) return;
      const step = stepOf(this.#records.get(id)!);
      if (step !== undefined && !this.#running.has(id) && !this.#waiting.has(id)) this.#start(id);
    }
  }

  #start(id: string): void {
    const record = this.#records.get(id)!;
    const running: Running = { step: stepOf(record)!, stop: new AbortController() };
    this.#running.set(id, running);
    void this.#carryOut(record, running);
  }

  async #carryOut(record: SensorRecord, running: Running): Promise<void> {
    const { log, clock } = this.#options;
    const { id } = record;
    const beganMs = clock.monotonicMs();
    const { end, didMove } = await this.#drive(record, running);
    this.#running.delete(id);
    // It was cut off, as by a power cut: what came of it shows when it goes on.
    if (!running.stop.signal.aborted) {
      if (end.kind === 'failed' || end.kind === 'refused') log('warning', `${id}: ${running.step}: ${end.message}`);
      if (end.kind === 'done' && end.firmware) this.#options.host.learnFirmware(id, end.firmware);
      this.#take(record, end, didMove, beganMs);
    }
    this.#changed();
  }

  #take(record: SensorRecord, end: StepEnd, didMove: boolean, beganMs: number): void {
    const { clock, log } = this.#options;
    const { id } = record;
    const nowMs = clock.monotonicMs();
    let came = record;
    if (end.kind === 'later') {
      // A sensor that gets further each time it wakes is waited for as long as it does.
      const waitedMs = didMove ? 0 : record.waitedMs + nowMs - (this.#away.get(id) ?? beganMs);
      came = { ...record, waitedMs };
      if (!this.#away.has(id)) log('info', `${id}: ${stepOf(record)}: not reached: ${end.message}`);
      this.#away.set(id, nowMs);
    } else this.#away.delete(id);
    const next = afterStep(came, end, this.#course);
    this.#news.setAway(id, end.kind === 'later' ? end.message : undefined);
    if (next.stage !== record.stage) this.#furthest.delete(id);
    if (!this.#put(next)) return;
    if (isOver(next)) return;
    if (end.kind === 'later') this.#wait(id, bounded(end.retryAfterMs ?? SENSOR_AWAY_MS));
    else if (next.failures > record.failures)
      this.#wait(id, Math.min(SENSOR_RETRY_MAX_MS, SENSOR_RETRY_FIRST_MS * 2 ** (next.failures - 1)));
  }

  /** Has the driver carry out the step, and sees to it that it ends. */
  async #drive(record: SensorRecord, { step, stop }: Running): Promise<{ end: StepEnd; didMove: boolean }> {
    const { clock, driver, firmware, folder, files, update, log } = this.#options;
    const { id } = record;
    const timeoutMs = SENSOR_STEP_TIMEOUT_MS[step];
    const limit = new AbortController();
    let late: string | undefined;
    const endAfter = (ms: number, why: string): (() => void) =>
      clock.after(ms, () => {
        late = why;
        limit.abort();
      });
    const silent = (): (() => void) =>
      endAfter(SENSOR_SILENCE_MS, `said nothing for ${SENSOR_SILENCE_MS / 60_000} minutes`);
    const cancelLimit = endAfter(timeoutMs, `took longer than ${timeoutMs / 60_000} minutes`);
    let cancelSilence = silent();
    let didMove = false;
    const progress: StepProgress = {
      progress: (percent) => {
        cancelSilence();
        cancelSilence = silent();
        if (percent === undefined) return;
        const furthest = this.#furthest.get(id) ?? 0;
        didMove ||= percent > furthest;
        this.#furthest.set(id, Math.max(furthest, percent));
        this.#news.progress(id, percent);
      },
      log: (message) => log('info', `${id}: ${step}: ${message}`),
    };
    const end = await driver(
      {
        step,
        update: `${update}/${id}`,
        sensor: this.#sensor(id),
        version: firmware.version,
        firmwareBefore: record.before,
        files,
        workDir: workDirOf(folder, id),
        timeoutMs,
      },
      progress,
      AbortSignal.any([stop.signal, limit.signal]),
    );
    cancelLimit();
    cancelSilence();
    return { end: late === undefined ? end : { kind: 'failed', message: `its driver ${late}` }, didMove };
  }

  /** False when it could not be written down: then nothing may begin that it tells of. */
  #put(next: SensorRecord): boolean {
    const { save } = this.#options;
    const before = this.#records.get(next.id)!;
    this.#records.set(next.id, next);
    const isNews = JSON.stringify({ ...before, waitedMs: 0 }) !== JSON.stringify({ ...next, waitedMs: 0 });
    this.#unnotedMs += Math.max(0, next.waitedMs - before.waitedMs);
    if (isNews || this.#unnotedMs > SENSOR_WAIT_NOTED_MS) {
      try {
        save(this.#all());
        this.#unnotedMs = 0;
      } catch (error) {
        this.#failure ??= { error };
        return false;
      }
    }
    this.#news.tell(next);
    return true;
  }

  #wait(id: string, waitMs: number): void {
    const { clock } = this.#options;
    const cancel = clock.after(waitMs, () => this.#endWait(id));
    this.#waiting.set(id, { end: cancel, fromMs: clock.monotonicMs() });
  }

  #endWait(id: string): void {
    this.#waiting.get(id)?.end();
    if (this.#waiting.delete(id)) this.#changed();
  }

  /** A sensor that is reachable for a moment gets its turn in that moment. */
  #wake(id: string): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined || !this.#away.has(id)) return;
    if (this.#options.clock.monotonicMs() - waiting.fromMs >= SENSOR_WAKE_MS) this.#endWait(id);
  }

  /** Says now and then that it goes on, though nothing may seem to. */
  #showLife(): () => void {
    let cancel = (): void => undefined;
    const show = (): void => {
      this.#news.showLife();
      cancel = this.#options.clock.after(SENSOR_LIFE_MS, show);
    };
    show();
    return () => cancel();
  }

  #sensor(id: string): SensorDescription {
    return this.#options.host.sensor(id) ?? this.#options.described.get(id)!;
  }
}

function bounded(waitMs: number): number {
  return Math.min(SENSOR_AWAY_MS_MAX, Math.max(SENSOR_AWAY_MS_MIN, waitMs));
}

export function workDirsIn(folder: string): string {
  return join(folder, 'sensors');
}

/** An id may be `..`, so it never stands alone. */
export function workDirOf(folder: string, sensor: string): string {
  return join(workDirsIn(folder), `sensor-${sensor}`);
}
