/**
 * The payload type `sensor-firmware`: brings firmware onto the sensors behind the gateway, by drivers. All that is known of each
 * sensor is on the disk before anything is done to it, so that it goes on where a power cut left it.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ArtifactError, readSensorFirmware, type SensorFirmware } from '@lovely/artifact';
import { isDiskError, tryWriteFileAtomic } from '../../atomic-file.ts';
import type { Clock } from '../../clock.ts';
import { describeError } from '../../error.ts';
import { endLeftovers } from '../program.ts';
import {
  UpdateError,
  type ModuleContext,
  type ModuleFile,
  type OpenModule,
  type UpdateModule,
} from '../update-module.ts';
import type { Driver } from './driver.ts';
import { storeFirmware } from './firmware-files.ts';
import { chooseSensors, isOver, turnBack, type SensorRecord } from './plan.ts';
import type { SensorHost } from './sensor-host.ts';
import { readJournal, writeJournal, type Journal } from './sensor-journal.ts';
import { runSensors, workDirsIn } from './sensor-run.ts';

export interface SensorFirmwareParts {
  readonly host: SensorHost;
  /** The driver of this name. Throws an Error that says why there is none. */
  findDriver(name: string): Driver;
  readonly clock: Clock;
}

export function openSensorFirmware(parts: SensorFirmwareParts): OpenModule {
  return (context) => new SensorFirmwareModule(parts, context);
}

class SensorFirmwareModule implements UpdateModule {
  readonly isPatient = true;
  readonly #parts: SensorFirmwareParts;
  readonly #context: ModuleContext;
  readonly #journalPath: string;

  constructor(parts: SensorFirmwareParts, context: ModuleContext) {
    this.#parts = parts;
    this.#context = context;
    this.#journalPath = join(context.folder, 'journal.json');
  }

  /** Looks at everything that can be looked at before anything is touched, then keeps the firmware. */
  async download(files: AsyncIterable<ModuleFile>): Promise<void> {
    const context = this.#context;
    const { host } = this.#parts;
    const firmware = this.#firmware('Download');
    this.#driver(firmware, 'Download');
    const strange = context.sensors?.find((id) => host.sensor(id) === undefined);
    if (strange !== undefined)
      throw new UpdateError('sensor-failed', 'Download', `this gateway has no sensor "${strange}"`);
    const sensors = chooseSensors(firmware, host.allSensors(), context.sensors);
    if (sensors.length === 0) context.log('info', 'no sensor here is meant');
    const described = sensors.map(({ id }) => host.sensor(id)!);
    const stored = sensors.length === 0 ? [] : await storeFirmware(join(context.folder, 'firmware'), files);
    this.#save({ sensors, described, files: stored }, 'Download');
  }

  async supportsRollback(): Promise<boolean> {
    return true;
  }

  async install(): Promise<void> {
    if (!this.#firmware('ArtifactInstall').isAfterReboot) await this.#bringForward('ArtifactInstall');
  }

  async needsReboot(): Promise<'no' | 'automatic'> {
    return this.#firmware('ArtifactInstall').isAfterReboot ? 'automatic' : 'no';
  }

  async reboot(): Promise<void> {}

  async verifyReboot(): Promise<void> {
    if (this.#firmware('ArtifactVerifyReboot').isAfterReboot) await this.#bringForward('ArtifactVerifyReboot');
  }

  async commit(): Promise<void> {}

  async rollback(): Promise<void> {
    const step = 'ArtifactRollback';
    const journal = this.#journal(step);
    const reason = journal.sensors.find(({ stage }) => stage === 'failed');
    const why = reason === undefined ? 'the update was not finished' : `${reason.id}: ${reason.message}`;
    const back = { ...journal, sensors: journal.sensors.map((record) => turnBack(record, why)) };
    // A disk that refuses now must not keep the sensors from their old firmware: what it remembers leads back here as well.
    this.#trySave(back);
    const sensors = await this.#run(back, (records) => this.#trySave({ ...back, sensors: records }));
    this.#requireOver(sensors, step);
    const lost = sensors.filter(({ stage }) => stage === 'lost');
    if (lost.length > 0) throw failure(step, lost);
  }

  async rollbackReboot(): Promise<void> {}

  async verifyRollbackReboot(): Promise<void> {}

  async failure(): Promise<void> {}

  async cleanup(): Promise<void> {
    const { folder } = this.#context;
    await endLeftovers(workDirsIn(folder));
    for (const name of ['firmware', 'sensors']) rmSync(join(folder, name), { recursive: true, force: true });
  }

  async #bringForward(step: string): Promise<void> {
    const journal = this.#journal(step);
    const { isAtomic } = this.#firmware(step);
    const sensors = await this.#run(journal, (records) => this.#save({ ...journal, sensors: records }, step));
    const failed = sensors.filter(({ stage }) => stage === 'failed');
    if (failed.length > 0) throw failure(step, failed);
    this.#requireOver(sensors, step);
    const behind = sensors.filter(({ stage }) => stage === 'old' || stage === 'lost');
    const isNew = sensors.some(({ stage }) => stage === 'done' || stage === 'already');
    if (behind.length > 0 && (isAtomic || !isNew)) throw failure(step, behind);
    if (sensors.length > 0)
      this.#context.log('info', `${sensors.length - behind.length} of ${sensors.length} sensors have it`);
  }

  async #run(journal: Journal, save: (records: readonly SensorRecord[]) => void): Promise<readonly SensorRecord[]> {
    const { host, clock } = this.#parts;
    const { deployment, payload, folder, signal, log } = this.#context;
    const firmware = this.#firmware('ArtifactInstall');
    // A driver that a killed client left behind would be at work on a sensor together with ours.
    await endLeftovers(workDirsIn(folder));
    return await runSensors({
      firmware,
      records: journal.sensors,
      described: new Map(journal.described.map((sensor) => [sensor.id, sensor])),
      files: journal.files,
      update: `${deployment}/${payload}`,
      folder,
      driver: this.#driver(firmware, 'ArtifactInstall'),
      host,
      save,
      news: this.#context,
      log,
      clock,
      signal,
    });
  }

  #firmware(step: string): SensorFirmware {
    try {
      return readSensorFirmware(this.#context.header.metaData);
    } catch (cause) {
      if (!(cause instanceof ArtifactError)) throw cause;
      throw new UpdateError('bad-artifact', step, cause.message, { cause });
    }
  }

  #driver({ driver: name }: SensorFirmware, step: string): Driver {
    const { host, findDriver } = this.#parts;
    if (name === undefined) return host.askProgram;
    try {
      return findDriver(name);
    } catch (cause) {
      throw new UpdateError('missing-module', step, describeError(cause), { cause });
    }
  }

  #journal(step: string): Journal {
    const journal = readJournal(this.#journalPath);
    if (journal) return journal;
    throw new UpdateError('disk-failed', step, 'what was written down of the sensors can’t be read');
  }

  #save(journal: Journal, step: string): void {
    try {
      writeJournal(this.#journalPath, journal);
    } catch (cause) {
      if (!isDiskError(cause)) throw cause;
      throw new UpdateError(
        'disk-failed',
        step,
        `what is done to sensors can't be written down: ${describeError(cause)}`,
        {
          cause,
        },
      );
    }
  }

  #trySave(journal: Journal): void {
    if (!tryWriteFileAtomic(this.#journalPath, JSON.stringify(journal)))
      this.#context.log('warning', 'how far the sensors are can’t be written down');
  }

  #requireOver(sensors: readonly SensorRecord[], step: string): void {
    if (!sensors.every(isOver)) throw new UpdateError('aborted', step, 'the sensors were not through');
  }
}

/** Names the first, so that the same trouble of many houses is one. */
function failure(step: string, failed: readonly SensorRecord[]): UpdateError {
  const [first, ...others] = failed;
  const more = others.length === 0 ? '' : `; and ${others.length} more: ${others.map(({ id }) => id).join(', ')}`;
  return new UpdateError('sensor-failed', step, `sensor ${first!.id}: ${first!.message}${more}`);
}
