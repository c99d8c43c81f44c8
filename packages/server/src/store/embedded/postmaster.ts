// One life of the PostgreSQL server: spawned, watched until it serves, stopped.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import {
  POSTGRES_LOG_LINE_BYTES_MAX,
  POSTGRES_LOG_TAIL_LINES_MAX,
  POSTGRES_OUTPUT_TIMEOUT_MS,
  POSTGRES_POLL_MS,
  POSTGRES_READY_TIMEOUT_MS,
  POSTGRES_STOP_FAST_TIMEOUT_MS,
  POSTGRES_STOP_IMMEDIATE_TIMEOUT_MS,
  POSTGRES_STOP_KILL_TIMEOUT_MS,
} from '../../limits.ts';
import { host } from './port.ts';
import { commandAs, type RunAs } from './run-as.ts';

export interface PostmasterOptions {
  readonly binaries: Binaries;
  readonly environment: Readonly<Record<string, string>>;
  readonly runAs: RunAs;
  readonly directory: string;
  readonly port: number;
  readonly durable: boolean;
  readonly onLog: (line: string) => void;
}

export interface Postmaster {
  readonly pid: number;
  /** The exit status, null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** The last lines it wrote. */
  readonly tail: () => string;
  /** Resolves when it accepts connections, rejects when it ended instead, when the wait is over or aborted. */
  readonly ready: (signal: AbortSignal | undefined) => Promise<void>;
  /** Fast, then immediately, then by force. */
  readonly stop: () => Promise<void>;
}

export async function spawnPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  const { binaries, environment, runAs, directory, onLog } = options;
  const command = commandAs(runAs, binaries.postgres, ['-D', directory, ...settings(options)]);
  const child = spawn(command.file, command.args, {
    ...command.identity,
    cwd: directory,
    env: environment,
    // A session of its own: Ctrl-C in our terminal must not stop the database before the server has drained.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (text) => {
      const line = text.slice(0, POSTGRES_LOG_LINE_BYTES_MAX);
      lines.push(line);
      if (lines.length > POSTGRES_LOG_TAIL_LINES_MAX) lines.shift();
      onLog(line);
    });
  }
  let isRunning = true;
  const outputEnded = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      isRunning = false;
      resolve(code);
    });
  });
  await once(child, 'spawn');
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${command.file} started without a process id`);

  const postmaster: Postmaster = {
    pid,
    exited,
    tail: () => lines.join('\n') || 'it wrote nothing',
    async ready(signal) {
      const deadline = performance.now() + POSTGRES_READY_TIMEOUT_MS;
      while (!(await isReady(directory, pid))) {
        signal?.throwIfAborted();
        if (!isRunning) {
          // The last lines tell why, and may come after the exit.
          await settlesWithin(outputEnded, POSTGRES_OUTPUT_TIMEOUT_MS);
          throw new Error(
            `PostgreSQL for ${directory} ended while starting. Its last words tell why; mend that and start ` +
              `again:\n${postmaster.tail()}`,
          );
        }
        if (performance.now() > deadline) {
          throw new Error(
            `PostgreSQL did not get ready within ${POSTGRES_READY_TIMEOUT_MS / 1000} s. If the disk is slow, start again: it goes ` +
              `on where it was. Its last words:\n${postmaster.tail()}`,
          );
        }
        await delay(POSTGRES_POLL_MS);
      }
    },
    async stop() {
      const steps = [
        { signal: 'SIGINT', timeoutMs: POSTGRES_STOP_FAST_TIMEOUT_MS },
        { signal: 'SIGQUIT', timeoutMs: POSTGRES_STOP_IMMEDIATE_TIMEOUT_MS },
        { signal: 'SIGKILL', timeoutMs: POSTGRES_STOP_KILL_TIMEOUT_MS },
      ] as const;
      for (const { signal, timeoutMs } of steps) {
        if (!isRunning) return;
        child.kill(signal);
        if (await settlesWithin(exited, timeoutMs)) return;
      }
      throw new Error(`PostgreSQL (pid ${pid}) does not end, not even when killed: its disk may be stuck.`);
    },
  };
  return postmaster;
}

/** What must hold whatever postgresql.conf says. */
function settings({ port, durable }: PostmasterOptions): string[] {
  const safety = durable ? 'on' : 'off';
  const values = {
    listen_addresses: host,
    port: `${port}`,
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    logging_collector: 'off',
    log_destination: 'stderr',
    fsync: safety,
    synchronous_commit: safety,
    full_page_writes: safety,
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** The server writes its pid on the first line of its pid file and its condition on the eighth. */
async function isReady(directory: string, pid: number): Promise<boolean> {
  const text = await readFile(join(directory, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

async function settlesWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(timeoutMs, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    timer.abort();
  }
}
