/** The updates of a real gateway: what they remember lies in its data directory, what they do happens on this host. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { UpdateReport } from '@lovely/protocol';
import { isDiskError } from '../atomic-file.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { bootId } from '../host/boot-id.ts';
import type { Download } from '../http/http.ts';
import type { Log } from '../log.ts';
import type { Submit } from '../outbox.ts';
import { CheckedFile } from './checked-file.ts';
import type { HostStepsOptions, UpdatePlan } from './host-steps.ts';
import { payloadHandlers } from './payload-handlers.ts';
import { providesStore, type Provided } from './provides.ts';
import type { SensorHost } from './sensors/sensor-host.ts';
import { SCRIPT_TIMES } from './state-scripts.ts';
import { fileUpdateLog } from './update-log.ts';
import { recordKeeper } from './record-keeper.ts';
import type { UpdateRecord } from './update-record.ts';
import { Updates } from './updates.ts';

export interface OpenUpdatesOptions {
  readonly config: Config;
  readonly download: () => Download;
  readonly sensors: SensorHost;
  /** Of the programs that updates start. */
  readonly environment: { readonly [name: string]: string };
  readonly submit: Submit;
  /** The server's time, as far as it is known. */
  readonly nowMs: () => number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

export function openUpdates(options: OpenUpdatesOptions): Updates {
  const { config, sensors, environment, submit, nowMs, clock, random, log } = options;
  const folder = join(config.dataDir, 'update');
  makeFolder(folder);
  const plan = new CheckedFile<UpdatePlan>(join(folder, 'artifact'));
  const provides = providesStore(new CheckedFile<Provided>(join(folder, 'provides')), config);
  return new Updates({
    isAllowed: config.updates,
    record: recordKeeper(new CheckedFile<UpdateRecord>(join(folder, 'state')), plan),
    ended: new CheckedFile<readonly UpdateReport[]>(join(folder, 'ended')),
    provides,
    updateLog: fileUpdateLog(join(folder, 'log'), nowMs),
    async steps(providesChanged) {
      const { HostSteps } = await import('./host-steps.ts');
      const given: HostStepsOptions = {
        folder,
        server: config.server,
        download: options.download(),
        plan,
        provides,
        providesChanged,
        handlers: payloadHandlers({ config, sensors, log }),
        artifactKeys: config.artifactKeys,
        moduleDir: config.moduleDir,
        scriptDir: config.scriptDir,
        rebootCommand: config.rebootCommand,
        environment,
        moduleTimes: { timeoutMs: config.moduleTimeoutMs, silenceMs: config.moduleSilenceMs },
        scriptTimes: SCRIPT_TIMES,
        bootId,
        clock,
        random,
      };
      return new HostSteps(given);
    },
    bootId,
    submit,
    nowMs,
    clock,
    log,
  });
}

/** A disk that refuses costs the updates, and nothing else. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (!isDiskError(error)) throw error;
  }
}
