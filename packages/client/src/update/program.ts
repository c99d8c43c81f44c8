/** Runs the programs of updates, modules and scripts: what they print goes to the log, and they are ended when they hang. */
import { readdirSync, readFileSync } from 'node:fs';
import { runProcess } from '../command/process.ts';
import type { Stream } from '../command/run-output.ts';
import { LastWords, type ProgramEnd } from './last-words.ts';
import type { UpdateLog } from './update-log.ts';

export interface ProgramOptions {
  readonly folder: string;
  /** Where this client keeps its updates: tells its programs from those of another client. */
  readonly home: string;
  readonly environment: { readonly [name: string]: string };
  readonly log: Pick<UpdateLog, 'add'>;
  readonly signal: AbortSignal;
  /** It printed something, or used the processor. */
  alive(): void;
  /** How often it is looked whether it uses the processor. */
  readonly lookMs: number;
}

/** In the environment of all that an update starts, so that what an earlier life of the client left running can be found. */
export const UPDATE_MARK = 'NICE_SMART_UPDATE';

/** Resolves with how it ended; what is printed goes line by line to the log, or to `answer`. Throws when it can't be started. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions,
  answer?: (bytes: Uint8Array) => void,
): Promise<ProgramEnd> {
  const { folder, home, environment, log, signal, alive, lookMs } = options;
  const lastWords = new LastWords();
  const linesOf = (stream: Stream): LineLog =>
    new LineLog((line) => {
      log.add('info', line);
      lastWords.add(stream, line);
    });
  const lines = { out: linesOf('out'), err: linesOf('err') };
  let looking: ReturnType<typeof setInterval> | undefined;
  try {
    const status = await runProcess(program, args, {
      folder,
      environment: { ...environment, [UPDATE_MARK]: home },
      signal,
      output(stream, bytes) {
        alive();
        if (stream === 'out' && answer) answer(bytes);
        else lines[stream].add(bytes);
      },
      started(pid) {
        let before = 0;
        looking = setInterval(() => {
          const used = ticksOf(pid);
          if (used > before) alive();
          before = used;
        }, lookMs);
      },
    });
    lines.out.end();
    lines.err.end();
    return { status, lastWords };
  } finally {
    clearInterval(looking);
  }
}

/** Ends what programs of an update left behind when the client was killed; resolves when nothing of it is left. */
export async function endLeftovers(home: string): Promise<void> {
  for (let look = 0; look < LEFTOVER_LOOKS_MAX; look++) {
    const found = leftovers(home);
    if (found.length === 0) return;
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended in this moment.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, LEFTOVER_LOOK_MS));
  }
}

const LEFTOVER_LOOK_MS = 20;
const LEFTOVER_LOOKS_MAX = 250;

function leftovers(home: string): number[] {
  return processes().filter((pid) => {
    if (pid === process.pid) return false;
    const environment = `\0${read(`/proc/${pid}/environ`)}`;
    return environment.includes(`\0${UPDATE_MARK}=${home}\0`) && !isDead(pid);
  });
}

/** One that nobody has waited for has no environment in most kernels, and in the others must not be waited for. */
function isDead(pid: number): boolean {
  return fieldsOf(pid)[0] === 'Z';
}

/** What the process and all that it started, as far as they are of its group, used of the processor. */
function ticksOf(group: number): number {
  return processes()
    .map(fieldsOf)
    .filter((fields) => Number(fields[2]) === group)
    .reduce((sum, fields) => sum + Number(fields[11]) + Number(fields[12]), 0);
}

function processes(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** Of /proc/…/stat from the state on: the name before it may hold anything. */
function fieldsOf(pid: number): string[] {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** Makes lines of what is printed. */
class LineLog {
  readonly #take: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #rest = '';

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  add(bytes: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n');
    this.#rest = lines.pop()!.slice(0, LINE_LENGTH_MAX);
    for (const line of lines) this.#take(line);
  }

  end(): void {
    if (this.#rest !== '') this.#take(this.#rest);
  }
}

const LINE_LENGTH_MAX = 16 * 1024;
