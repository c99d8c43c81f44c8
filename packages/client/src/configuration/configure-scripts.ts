/**
 * Programs of the gateway's owner that make what is configured so, as Mender's mender-configure runs them: each executable of
 * a folder, by name, with the path of a JSON file of all keys and values as texts; here on its input too.
 */
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigurationProblems, ConfigurationValues } from '@lovely/protocol';
import { runProcess } from '../command/process.ts';
import { describeError } from '../error.ts';
import { CONFIGURE_OUTPUT_LENGTH_MAX, CONFIGURE_SCRIPT_TIMEOUT_MS, CONFIGURE_SCRIPTS_MAX } from '../limits.ts';
import type { Log } from '../log.ts';

export interface ConfigureOutcome {
  /** What went wrong. */
  readonly problems: ConfigurationProblems;
  /** The values count once the machine has started anew. */
  readonly wantsRestart: boolean;
}

/** Makes values so. */
export type Configure = (values: ConfigurationValues, signal: AbortSignal) => Promise<ConfigureOutcome>;

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
const NOTHING_TO_DO: ConfigureOutcome = { problems: [], wantsRestart: false };

export function configureScripts(options: ConfigureScriptsOptions): Configure {
  const { folder, scratchDir, log } = options;
  return async (values, signal) => {
    const scripts = executablesIn(folder);
    if (scripts.length === 0) return NOTHING_TO_DO;
    const texts = Object.entries(values).map(([key, value]) => [key, String(value)]);
    const text = `${JSON.stringify(Object.fromEntries(texts), undefined, 2)}\n`;
    const file = join(scratchDir, 'configuration.json');
    try {
      mkdirSync(scratchDir, { recursive: true, mode: 0o700 });
      writeFileSync(file, text, { mode: 0o600 });
    } catch (error) {
      const message = `The values could not be written for the configure scripts: ${describeError(error)}`;
      return { problems: [{ message }], wantsRestart: false };
    }
    const problems: ConfigurationProblems = [];
    let wantsRestart = false;
    for (const name of scripts) {
      if (signal.aborted) break;
      const outcome = await run(join(folder, name), text, file, options, signal);
      const failure = outcome.kind === 'failed' ? outcome.words : '';
      log.info('configure script ran', { script: name, outcome: outcome.kind, failure });
      if (failure !== '') problems.push({ message: `${name} ${failure}`.slice(0, CONFIGURE_OUTPUT_LENGTH_MAX) });
      wantsRestart ||= outcome.kind === 'restart';
    }
    return { problems, wantsRestart };
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

type Outcome = { readonly kind: 'done' | 'restart' } | { readonly kind: 'failed'; readonly words: string };

async function run(
  path: string,
  input: string,
  file: string,
  { environment, timeoutMs = CONFIGURE_SCRIPT_TIMEOUT_MS }: ConfigureScriptsOptions,
  signal: AbortSignal,
): Promise<Outcome> {
  const last = { out: '', err: '' };
  const late = AbortSignal.timeout(timeoutMs);
  let status: number;
  try {
    status = await runProcess(path, [file], {
      environment,
      input,
      signal: AbortSignal.any([signal, late]),
      output: (stream, bytes) =>
        (last[stream] = (last[stream] + Buffer.from(bytes).toString()).slice(-CONFIGURE_OUTPUT_LENGTH_MAX)),
      started: () => undefined,
    });
  } catch (error) {
    return { kind: 'failed', words: `could not be run: ${describeError(error)}` };
  }
  // What it complained of says more than what it said last.
  const line = lastLine(last.err) || lastLine(last.out);
  const said = line === '' ? '' : `: ${line}`;
  if (late.aborted) return { kind: 'failed', words: `took longer than ${Math.round(timeoutMs / 1000)} s${said}` };
  if (status === 0) return { kind: 'done' };
  return status === RESTART_NEEDED ? { kind: 'restart' } : { kind: 'failed', words: `ended with ${status}${said}` };
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
