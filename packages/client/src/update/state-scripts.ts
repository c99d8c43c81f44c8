/**
 * State scripts (COMPAT 5.2): programs around the steps of an update. Those for Idle, Sync and Download lie on the gateway,
 * the others come with the artifact.
 */
import type { Script } from '@lovely/artifact';
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDiskError, readFileIfThere } from '../atomic-file.ts';
import { sleep, type Clock } from '../clock.ts';
import { SCRIPT_RETRIES_MS, SCRIPT_RETRY_MS, SCRIPT_TIMEOUT_MS } from '../limits.ts';
import { syncTree } from './executable/module-tree.ts';
import type { ProgramEnd } from './last-words.ts';
import { UpdateError } from './update-module.ts';

export type ScriptState =
  | 'Idle'
  | 'Sync'
  | 'Download'
  | 'ArtifactInstall'
  | 'ArtifactReboot'
  | 'ArtifactCommit'
  | 'ArtifactRollback'
  | 'ArtifactRollbackReboot'
  | 'ArtifactFailure';
export type ScriptMoment = 'Enter' | 'Leave' | 'Error';

export interface ScriptTimes {
  readonly timeoutMs: number;
  readonly retryMs: number;
  readonly retriesMs: number;
}

export const SCRIPT_TIMES: ScriptTimes = {
  timeoutMs: SCRIPT_TIMEOUT_MS,
  retryMs: SCRIPT_RETRY_MS,
  retriesMs: SCRIPT_RETRIES_MS,
};

export interface ScriptsOptions {
  /** Of the gateway, and where those of the artifact are kept. */
  readonly ownFolder: string;
  readonly artifactFolder: string;
  readonly times: ScriptTimes;
  readonly clock: Clock;
  run(path: string, signal: AbortSignal): Promise<ProgramEnd>;
  /** Before and after each, in Mender's words. */
  tell(substate: string): void;
  warn(message: string): void;
}

const OWN: readonly ScriptState[] = ['Idle', 'Sync', 'Download'];
/** What goes wrong here stops nothing: there is no way back from the way back. */
const FORGIVING: readonly ScriptState[] = ['Idle', 'ArtifactRollback', 'ArtifactRollbackReboot', 'ArtifactFailure'];
const NAME = /^([A-Za-z]+)_(Enter|Leave|Error)_[0-9][0-9](_[^\s/]+)?$/;
const VERSIONS = ['2', '3'];
const RETRY_LATER = 21;

export class StateScripts {
  readonly #options: ScriptsOptions;

  constructor(options: ScriptsOptions) {
    this.#options = options;
  }

  /** Puts the artifact's scripts down. Throws UpdateError for one that can't be such a script. */
  unpack(scripts: readonly Script[]): void {
    const { artifactFolder } = this.#options;
    this.remove();
    if (scripts.length === 0) return;
    mkdirSync(artifactFolder, { recursive: true, mode: 0o700 });
    writeFileSync(join(artifactFolder, 'version'), '3');
    for (const { name, content } of scripts) {
      if (!NAME.test(name)) throw new UpdateError('bad-artifact', 'Download', `"${name}" is no name of a state script`);
      writeFileSync(join(artifactFolder, name), content, { mode: 0o755 });
    }
    syncTree(artifactFolder);
  }

  remove(): void {
    rmSync(this.#options.artifactFolder, { recursive: true, force: true });
  }

  /** Runs those of this moment in the order of their names. Throws UpdateError, except where errors don't count. */
  async run(state: ScriptState, moment: ScriptMoment, signal: AbortSignal): Promise<void> {
    const folder = OWN.includes(state) ? this.#options.ownFolder : this.#options.artifactFolder;
    const isForgiving = moment === 'Error' || FORGIVING.includes(state);
    try {
      for (const name of scriptsIn(folder, state, moment)) await this.#runOne(folder, name, isForgiving, signal);
    } catch (error) {
      if (!isForgiving || signal.aborted || !(error instanceof UpdateError)) throw error;
      this.#options.warn(error.message);
    }
  }

  async #runOne(folder: string, name: string, isForgiving: boolean, signal: AbortSignal): Promise<void> {
    const { tell, warn } = this.#options;
    tell(`Executing script: ${name}`);
    try {
      await this.#attempt(folder, name, signal);
    } catch (error) {
      if (!isForgiving || signal.aborted || !(error instanceof UpdateError)) throw error;
      warn(error.message);
    }
    tell(`finished executing script: ${name}`);
  }

  async #attempt(folder: string, name: string, signal: AbortSignal): Promise<void> {
    const { clock, times, run } = this.#options;
    const startedMs = clock.monotonicMs();
    for (;;) {
      const { status, lastWords } = await this.#timed(name, signal, (stop) => run(join(folder, name), stop));
      if (status === 0) return;
      if (status !== RETRY_LATER) throw lastWords.failure('the state script', name, status, 'script-failed');
      if (clock.monotonicMs() - startedMs + times.retryMs > times.retriesMs)
        throw new UpdateError('script-failed', name, 'the state script asked for more time than it can have');
      await sleep(clock, times.retryMs, signal);
      signal.throwIfAborted();
    }
  }

  async #timed(
    name: string,
    signal: AbortSignal,
    run: (stop: AbortSignal) => Promise<ProgramEnd>,
  ): Promise<ProgramEnd> {
    const { clock, times } = this.#options;
    const late = new AbortController();
    const cancel = clock.after(times.timeoutMs, () => late.abort());
    try {
      const end = await run(AbortSignal.any([signal, late.signal]));
      signal.throwIfAborted();
      if (late.signal.aborted) throw new UpdateError('timed-out', name, 'the state script took too long and was ended');
      return end;
    } catch (error) {
      if (!isDiskError(error)) throw error;
      throw new UpdateError('script-failed', name, 'the state script can not be run', { cause: error });
    } finally {
      cancel();
    }
  }
}

/** The names of the scripts of this moment, in order. Throws UpdateError for a folder that is not made for this client. */
function scriptsIn(folder: string, state: ScriptState, moment: ScriptMoment): string[] {
  const names = filesIn(folder)
    .filter((name) => {
      const [, itsState, itsMoment] = NAME.exec(name) ?? [];
      return itsState === state && itsMoment === moment;
    })
    .toSorted();
  const [first] = names;
  if (first === undefined) return [];
  const version = readFileIfThere(join(folder, 'version'))?.trim() ?? '';
  if (!VERSIONS.includes(version))
    throw new UpdateError('script-failed', first, `${join(folder, 'version')} must say 2 or 3`);
  return names;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile());
  } catch (error) {
    if (isDiskError(error)) return [];
    throw error;
  }
}
