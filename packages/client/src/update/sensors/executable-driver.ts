/**
 * A driver that is a program on the gateway: `<program> <step> <work dir>`, with a JSON object on its standard input and
 * JSON objects, one a line, on its standard output. docs/sensor-firmware.md is its contract.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeError } from '../../error.ts';
import { DRIVER_LINE_LENGTH_MAX, DRIVER_LOG_LINES_MAX, DRIVER_OUTPUT_BYTES_MAX } from '../../limits.ts';
import { ownProgram } from '../../command/own-program.ts';
import { runProcess } from '../../command/process.ts';
import { UPDATE_MARK } from '../program.ts';
import { shortened } from '../shortened.ts';
import type { Driver, StepEnd, StepProgress, StepRequest } from './driver.ts';

/** As sysexits.h has them. */
const EXIT_LATER = 75;
const EXIT_REFUSED = 69;

/** The drivers of a folder, by the names of their files. */
export function driversIn(folder: string): (name: string) => Driver {
  return (name) => {
    const program = ownProgram(folder, name);
    if (program !== undefined) return executableDriver(program);
    const path = join(folder, name);
    throw new Error(
      `the driver of the sensors, ${path}, ${existsSync(path) ? 'is no program that only its owner may change' : 'is not there'}`,
    );
  };
}

function executableDriver(program: string): Driver {
  return async (request, progress, signal) => {
    const output = new DriverOutput(progress);
    const tooMuch = new AbortController();
    let pid: number | undefined;
    try {
      mkdirSync(request.workDir, { recursive: true, mode: 0o700 });
      const exit = await runProcess(program, [request.step, request.workDir], {
        environment: environmentOf(request),
        input: `${JSON.stringify(requestOf(request))}\n`,
        signal: AbortSignal.any([signal, tooMuch.signal]),
        output: (stream, bytes) => {
          if (!output.take(stream, bytes)) tooMuch.abort();
        },
        started: (started) => (pid = started),
      });
      if (tooMuch.signal.aborted)
        return { kind: 'failed', message: `its driver printed more than ${DRIVER_OUTPUT_BYTES_MAX} bytes` };
      output.finish();
      return endOf(exit, output);
    } catch (error) {
      return { kind: 'failed', message: `its driver can't be run: ${describeError(error)}` };
    } finally {
      endGroup(pid);
    }
  };
}

function endOf(exit: number, { answer, lastWords }: DriverOutput): StepEnd {
  const message = shortened(answer.message ?? lastWords) || `its driver ended with ${exit}`;
  if (exit === 0) return { kind: 'done', firmware: answer.firmware };
  if (exit === EXIT_LATER)
    return {
      kind: 'later',
      retryAfterMs: answer.retryAfterMs,
      message: shortened(answer.message ?? 'it is not reachable'),
    };
  return { kind: exit === EXIT_REFUSED ? 'refused' : 'failed', message };
}

/** What it started in the background would be at work on the sensor together with the next step. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing is left of it.
  }
}

function environmentOf({ sensor, version, files, firmwareBefore, workDir }: StepRequest): { [name: string]: string } {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LANG: 'C.UTF-8',
    [UPDATE_MARK]: dirname(workDir),
    SENSOR_ID: sensor.id,
    SENSOR_KIND: sensor.kind,
    SENSOR_MODEL: sensor.model,
    SENSOR_SERIAL: sensor.serial,
    FIRMWARE_VERSION: version,
    FIRMWARE_BEFORE: firmwareBefore,
    FIRMWARE_FILE: files[0]?.path ?? '',
    FIRMWARE_SHA256: files[0]?.sha256 ?? '',
  };
}

function requestOf({ step, update, sensor, version, firmwareBefore, files, timeoutMs }: StepRequest): object {
  return { step, update, sensor, version, firmwareBefore, files, timeoutSeconds: timeoutMs / 1000 };
}

interface Answer {
  firmware?: string;
  message?: string;
  retryAfterMs?: number;
}

/** Reads what a driver prints, whatever that is, without keeping more than a line of it. */
class DriverOutput {
  readonly answer: Answer = {};
  /** The last line that it complained with. */
  lastWords = '';
  readonly #progress: StepProgress;
  readonly #rest = { out: '', err: '' };
  readonly #decoders = { out: new TextDecoder(), err: new TextDecoder() };
  #bytes = 0;
  #logged = 0;

  constructor(progress: StepProgress) {
    this.#progress = progress;
  }

  /** False once it was too much. */
  take(stream: 'out' | 'err', bytes: Uint8Array): boolean {
    this.#bytes += bytes.length;
    if (this.#bytes > DRIVER_OUTPUT_BYTES_MAX) return false;
    const lines = (this.#rest[stream] + this.#decoders[stream].decode(bytes, { stream: true })).split('\n');
    // A line without an end is cut off where it becomes too long.
    this.#rest[stream] = lines.pop()!.slice(0, DRIVER_LINE_LENGTH_MAX);
    for (const line of lines) this.#line(stream, line.slice(0, DRIVER_LINE_LENGTH_MAX));
    return true;
  }

  /** What it printed last may lack the end of a line. */
  finish(): void {
    for (const stream of ['out', 'err'] as const) this.#line(stream, this.#rest[stream]);
  }

  #line(stream: 'out' | 'err', line: string): void {
    if (line.trim() === '') return;
    const said = stream === 'out' ? objectIn(line) : undefined;
    if (said === undefined) {
      if (stream === 'err') this.lastWords = line;
      this.#log(line);
      this.#progress.progress(undefined);
      return;
    }
    const { percent, message, firmware, retryAfterSeconds } = said;
    if (typeof firmware === 'string') this.answer.firmware = firmware;
    if (typeof message === 'string') {
      this.answer.message = message;
      this.#log(message);
    }
    if (isNumber(retryAfterSeconds)) this.answer.retryAfterMs = Math.max(0, retryAfterSeconds * 1000);
    this.#progress.progress(isNumber(percent) ? Math.floor(Math.min(100, Math.max(0, percent))) : undefined);
  }

  #log(line: string): void {
    if (this.#logged++ < DRIVER_LOG_LINES_MAX) this.#progress.log(shortened(line));
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function objectIn(line: string): { readonly [name: string]: unknown } | undefined {
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as { readonly [name: string]: unknown })
      : undefined;
  } catch {
    return undefined;
  }
}
