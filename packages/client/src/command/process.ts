/** Runs one program of the host for a command: its own process group, its output as it comes, and an end in time. */
import { spawn } from 'node:child_process';
import { deferred } from '../deferred.ts';
import { COMMAND_DRAIN_MS, COMMAND_KILL_MS } from '../limits.ts';
import type { Stream } from './run-output.ts';

export interface ProcessOptions {
  /** Where it runs; without it, in the root folder. */
  readonly folder?: string;
  readonly environment: { readonly [name: string]: string };
  /** Ends the program with all that it started. */
  readonly signal: AbortSignal;
  /** What it reads; without it, nothing. */
  readonly input?: string;
  output(stream: Stream, bytes: Uint8Array): void;
  /** The program runs under this number. */
  started(pid: number): void;
}

/** Resolves with the exit status, 128 and the signal's number for one that was ended by a signal; throws when it can't be started. */
export async function runProcess(program: string, args: readonly string[], options: ProcessOptions): Promise<number> {
  const { folder = '/', environment, signal, input, output, started } = options;
  const child = spawn(program, args, { cwd: folder, env: environment, detached: true, stdio: 'pipe' });
  const { promise, resolve, reject } = deferred<number>();
  const end = (how: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, how);
    } catch {
      // It ended in this moment.
    }
  };
  let killing: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => {
    end('SIGTERM');
    killing = setTimeout(() => end('SIGKILL'), COMMAND_KILL_MS);
  };
  child.once('error', reject);
  // It may end before it has read all.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  child.stdout.on('data', (bytes: Buffer) => output('out', bytes));
  child.stderr.on('data', (bytes: Buffer) => output('err', bytes));
  child.once('exit', (code, by) => {
    const status = code ?? 128 + (by === 'SIGKILL' ? 9 : 15);
    // What it left behind may keep the pipes open for ever.
    const drained = setTimeout(() => resolve(status), COMMAND_DRAIN_MS);
    child.once('close', () => {
      clearTimeout(drained);
      resolve(status);
    });
  });
  if (child.pid !== undefined) started(child.pid);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', stop);
    clearTimeout(killing);
    child.stdout.destroy();
    child.stderr.destroy();
    if (signal.aborted) end('SIGKILL');
  }
}
