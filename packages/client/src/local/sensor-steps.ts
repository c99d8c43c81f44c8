/** Steps of updates that programs carry out for the sensors that they speak for; what update/sensors/driver.ts says holds for them. */
import { closeSync, openSync, readSync } from 'node:fs';
import { isDiskError } from '../atomic-file.ts';
import { FIRMWARE_READ_BYTES_MAX } from '../limits.ts';
import type { FirmwareFile, StepEnd, StepProgress, StepRequest } from '../update/sensors/driver.ts';
import type { Caller } from './caller.ts';
import type { Values } from './interface.ts';
import { LocalError } from './local-error.ts';

interface Run {
  readonly caller: Caller;
  readonly files: readonly FirmwareFile[];
  readonly progress: StepProgress;
  readonly end: (end: StepEnd) => void;
}

const RESULTS = ['done', 'later', 'failed', 'refused'] as const;

export class SensorSteps {
  readonly #runs = new Map<string, Run>();
  #count = 0;

  /** Resolves with how it ended; a step that no program is there for is for later. */
  async run(
    caller: Caller | undefined,
    request: StepRequest,
    progress: StepProgress,
    signal: AbortSignal,
  ): Promise<StepEnd> {
    if (caller === undefined)
      return { kind: 'later', retryAfterMs: undefined, message: 'no program speaks for the sensor at the moment' };
    const { step, update, files } = request;
    const sensor = request.sensor.id;
    // A program that is still at an earlier try must not be taken for the one at this.
    const run = `${update}/${step}/${++this.#count}`;
    const ended = new Promise<StepEnd>((end) => this.#runs.set(run, { caller, files, progress, end }));
    const cancel = (): void => {
      caller.tell('UpdateCancelled', { sensor, run });
      this.#end(run, { kind: 'failed', message: 'it was ended' });
    };
    signal.addEventListener('abort', cancel, { once: true });
    caller.tell('UpdateRequested', { sensor, run, step, properties: propertiesOf(request) });
    if (signal.aborted) cancel();
    const end = await ended;
    signal.removeEventListener('abort', cancel);
    return end;
  }

  progress(caller: Caller, run: string, percent: number): void {
    this.#of(caller, run).progress.progress(Math.min(100, percent));
  }

  done(caller: Caller, run: string, text: string, message: string, { firmware, retryAfterSeconds }: Values): void {
    const { progress } = this.#of(caller, run);
    const result = RESULTS.find((known) => known === text);
    if (result === undefined) throw new LocalError('InvalidArguments', `result: ${RESULTS.join(', ')}`);
    if (message !== '') progress.log(message);
    this.#end(run, endOf(result, message, firmware, retryAfterSeconds));
  }

  read(caller: Caller, run: string, name: string, offset: number, bytes: number): Uint8Array {
    const file = this.#of(caller, run).files.find((one) => one.name === name);
    if (file === undefined) throw new LocalError('UnknownFile', `the firmware has no file ${JSON.stringify(name)}`);
    const content = new Uint8Array(Math.max(0, Math.min(bytes, FIRMWARE_READ_BYTES_MAX, file.bytes - offset)));
    try {
      const opened = openSync(file.path, 'r');
      try {
        return content.subarray(0, readSync(opened, content, 0, content.length, offset));
      } finally {
        closeSync(opened);
      }
    } catch (error) {
      if (!isDiskError(error)) throw error;
      throw new LocalError('UnknownFile', `${name} can't be read`);
    }
  }

  /** A program that went away may come back and be asked again, but not without end. */
  left(caller: Caller): void {
    for (const [run, { caller: of }] of this.#runs)
      if (of === caller) this.#end(run, { kind: 'failed', message: 'the program of the sensor went away' });
  }

  #of(caller: Caller, name: string): Run {
    const run = this.#runs.get(name);
    if (run?.caller === caller) return run;
    throw new LocalError('UnknownRun', 'this step is over, or was never yours');
  }

  #end(name: string, end: StepEnd): void {
    const run = this.#runs.get(name);
    this.#runs.delete(name);
    run?.end(end);
  }
}

function endOf(
  kind: (typeof RESULTS)[number],
  message: string,
  firmware: Values[string] | undefined,
  retryAfterSeconds: Values[string] | undefined,
): StepEnd {
  if (kind === 'done') return { kind, firmware: typeof firmware === 'string' ? firmware : undefined };
  const isTime = typeof retryAfterSeconds === 'number' && Number.isFinite(retryAfterSeconds);
  if (kind === 'later')
    return {
      kind,
      retryAfterMs: isTime ? Math.max(0, retryAfterSeconds * 1000) : undefined,
      message: message || 'it is not reachable',
    };
  return { kind, message: message || 'its program gave no reason' };
}

/** Files by their number, as a map of texts, numbers and booleans can hold them. */
function propertiesOf({ update, version, firmwareBefore, files, timeoutMs }: StepRequest): Values {
  const properties: { [name: string]: string | number } = {
    update,
    version,
    firmwareBefore,
    timeoutSeconds: timeoutMs / 1000,
    files: files.length,
  };
  for (const [index, { name, path, bytes, sha256 }] of files.entries())
    for (const [key, value] of Object.entries({ name, path, bytes, sha256 }))
      properties[`file.${index}.${key}`] = value;
  return properties;
}
