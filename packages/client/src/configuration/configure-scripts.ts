/**
 * Programs of the gateway's owner that make what is configured so, as Mender's mender-configure runs them: each executable of
 * a folder, by name, with the path of a JSON file of all keys and values as texts; here on its input too.
 */
import { mkdirSync, openSync, closeSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ConfigurationProblems, ConfigurationValues } from '@lovely/protocol';
import { deferred } from '../deferred.ts';
import { describeError } from '../error.ts';
import {
  COMMAND_KILL_MS,
  CONFIGURE_OUTPUT_LENGTH_MAX,
  CONFIGURE_SCRIPT_TIMEOUT_MS,
  CONFIGURE_SCRIPTS_MAX,
} from '../limits.ts';
import type { Log } from '../log.ts';

/** Makes values so; resolves with what went wrong. */
export type Configure = (values: ConfigurationValues, signal: AbortSignal) => Promise<ConfigurationProblems>;

export interface ConfigureScriptsOptions {
  /** The folder of the programs. */
  readonly folder: string;
  /** Where the file of the values is written. */
  readonly scratchDir: string;
  readonly environment: { readonly [name: string]: string };
  readonly timeoutMs?: number;
  readonly log: Log;
}

/** Exit status with which Mender's scripts say: it is done, and counts after the next restart. */
const RESTART_NEEDED = 20;

export function configureScripts(options: ConfigureScriptsOptions): Configure {
  const { folder, scratchDir, log } = options;
  return async (values, signal) => {
    const scripts = executablesIn(folder);
    if (scripts.length === 0) return [];
    const file = join(scratchDir, 'configuration.json');
    try {
      mkdirSync(scratchDir, { recursive: true, mode: 0o700 });
      const texts = Object.entries(values).map(([key, value]) => [key, String(value)]);
      writeFileSync(file, `${JSON.stringify(Object.fromEntries(texts), undefined, 2)}\n`, { mode: 0o600 });
    } catch (error) {
      return [{ message: `The values could not be written for the configure scripts: ${describeError(error)}` }];
    }
    const problems: ConfigurationProblems = [];
    for (const name of scripts) {
      if (signal.aborted) break;
      const failure = await run(join(folder, name), file, options, signal);
      log.info('configure script ran', { script: name, failure: failure ?? '' });
      if (failure !== undefined) problems.push({ message: `${name} ${failure}`.slice(0, CONFIGURE_OUTPUT_LENGTH_MAX) });
    }
    return problems;
  };
}

/** By name; nothing that somebody else may have put or changed there. */
function executablesIn(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  const own = names.filter((name) => {
    try {
      const { mode, uid } = statSync(join(folder, name));
      const isOurs = uid === 0 || uid === process.getuid?.();
      return isOurs && (mode & 0o170000) === 0o100000 && (mode & 0o111) !== 0 && (mode & 0o022) === 0;
    } catch {
      return false;
    }
  });
  return own.toSorted().slice(0, CONFIGURE_SCRIPTS_MAX);
}

/** What went wrong, in words that follow the script's name; undefined: nothing. */
async function run(
  path: string,
  file: string,
  { environment, timeoutMs = CONFIGURE_SCRIPT_TIMEOUT_MS }: ConfigureScriptsOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { promise, resolve } = deferred<string | undefined>();
  const input = openSync(file, 'r');
  const child = spawn(path, [file], {
    cwd: '/',
    env: environment,
    detached: true,
    stdio: [input, 'pipe', 'pipe'],
  });
  closeSync(input);
  let last = '';
  let isLate = false;
  const keep = (bytes: Buffer): void => void (last = (last + bytes.toString()).slice(-CONFIGURE_OUTPUT_LENGTH_MAX));
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
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
  const timer = setTimeout(() => {
    isLate = true;
    stop();
  }, timeoutMs);
  signal.addEventListener('abort', stop, { once: true });
  child.once('error', (error) => resolve(`could not be run: ${describeError(error)}`));
  child.once('exit', (code, by) => {
    const line = last.trimEnd().split('\n').at(-1) ?? '';
    const said = line === '' ? '' : `: ${line}`;
    if (isLate) resolve(`took longer than ${Math.round(timeoutMs / 1000)} s${said}`);
    else if (code === 0 || code === RESTART_NEEDED) resolve(undefined);
    else resolve(`${code === null ? `was ended by ${by}` : `ended with ${code}`}${said}`);
  });
  const outcome = await promise;
  clearTimeout(timer);
  clearTimeout(killing);
  signal.removeEventListener('abort', stop);
  // What it left behind must not keep the pipes, or this program, open.
  child.stdout?.destroy();
  child.stderr?.destroy();
  if (isLate || signal.aborted) end('SIGKILL');
  return outcome;
}
