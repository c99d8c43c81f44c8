// Runs a command in a process group of its own, with a hard time limit, and finds what it left running.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

export type Finished = {
  end:
    | { kind: 'exited'; status: number }
    | { kind: 'killed'; signal: string }
    | { kind: 'timed-out'; timeoutMs: number }
    | { kind: 'not-started'; reason: string };
  /** The last part of what it printed. */
  output: string;
  /** Command lines of the processes that outlived it; they are ended. */
  leftovers: string[];
};

const OUTPUT_CHARS_MAX = 200_000;
const LEFTOVER_GRACE_MS = 3_000;
const LEFTOVER_POLL_MS = 100;
/** In the environment of everything a child starts, so that detached grandchildren are found too. */
const MARK = 'TEST_RUN_MARK';

const running = new Map<ChildProcess, string>();

/** Never rejects: what went wrong stands in `end`. */
export async function runChild(command: string[], timeoutMs: number): Promise<Finished> {
  const [program = '', ...args] = command;
  const mark = randomUUID();
  const env = { ...process.env, NO_COLOR: '1', [MARK]: mark };
  const child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  running.set(child, mark);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_CHARS_MAX);
    });
  }
  const closed = new Promise((resolve) => child.once('close', resolve));
  const end = await waitForEnd(child, mark, timeoutMs);
  const leftovers = await endLeftovers(mark);
  // The last output comes with `close`, which a process that shed the mark could hold up for ever.
  await Promise.race([closed, Bun.sleep(LEFTOVER_GRACE_MS)]);
  running.delete(child);
  return { end, output, leftovers };
}

/** For the runner's own end by a signal. */
export function endEveryChild(): void {
  for (const [child, mark] of running) endTree(child, mark);
}

async function waitForEnd(child: ChildProcess, mark: string, timeoutMs: number): Promise<Finished['end']> {
  const { promise, resolve } = Promise.withResolvers<Finished['end']>();
  child.once('error', (error) => resolve({ kind: 'not-started', reason: error.message }));
  const timer = setTimeout(() => {
    resolve({ kind: 'timed-out', timeoutMs });
    endTree(child, mark);
  }, timeoutMs);
  child.once('exit', (status, signal) => {
    resolve(signal ? { kind: 'killed', signal } : { kind: 'exited', status: status ?? 1 });
  });
  const end = await promise;
  clearTimeout(timer);
  return end;
}

function endTree(child: ChildProcess, mark: string): void {
  if (child.pid !== undefined) kill(-child.pid);
  for (const { pid } of findMarked(mark)) kill(pid);
}

async function endLeftovers(mark: string): Promise<string[]> {
  const deadlineMs = performance.now() + LEFTOVER_GRACE_MS;
  let found = findMarked(mark);
  while (found.length > 0 && performance.now() < deadlineMs) {
    await Bun.sleep(LEFTOVER_POLL_MS);
    found = findMarked(mark);
  }
  for (const { pid } of found) kill(pid);
  // The kernel takes a moment to take away what was killed; a zombie has no environment any more.
  while (findMarked(mark).length > 0) await Bun.sleep(LEFTOVER_POLL_MS);
  return found.map(({ commandLine }) => commandLine);
}

/** Linux tells the environment of a process; elsewhere nothing is found. */
function findMarked(mark: string): { pid: number; commandLine: string }[] {
  return listPids().flatMap((pid) => {
    if (!readProc(pid, 'environ').includes(mark)) return [];
    return [{ pid, commandLine: readProc(pid, 'cmdline').replaceAll('\0', ' ').trim() }];
  });
}

function listPids(): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Already gone, which is what is wanted.
  }
}
