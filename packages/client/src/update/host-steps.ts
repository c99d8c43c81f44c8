/** The steps of an update on a real gateway: downloads, scripts and update modules. */
import type { ArtifactHeader } from '@lovely/artifact';
import type { UpdateOffer } from '@lovely/protocol';
import { mkdirSync, rmSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '../error.ts';
import type { Download } from '../http/http.ts';
import { UPDATE_FREE_BYTES_MIN } from '../limits.ts';
import { checkArtifact } from './artifact-doubts.ts';
import type { Keeper } from './checked-file.ts';
import { openArtifact, type OpenArtifact } from './open-artifact.ts';
import { canHandle, openModules, type ModulesOptions, type OpenedModule } from './open-modules.ts';
import { endLeftovers, runProgram } from './program.ts';
import { inconsistent, providesAfter } from './provides-after.ts';
import type { Provided, ProvidesStore } from './provides.ts';
import { startMachineAnew } from './reboot.ts';
import { StateScripts, type ScriptMoment, type ScriptState, type ScriptTimes } from './state-scripts.ts';
import type { StepRun, Steps } from './steps.ts';
import { needsMachine, type StepFacts } from './transitions.ts';
import { UpdateError, type RebootNeed } from './update-module.ts';

/** What is known of the artifact once its header was read; kept until the update is over. */
export interface UpdatePlan {
  readonly header: Omit<ArtifactHeader, 'scripts'>;
  /** What was provided before. */
  readonly before: Provided;
  readonly offer: UpdateOffer;
}

export interface HostStepsOptions extends ModulesOptions {
  readonly server: URL;
  readonly download: Download;
  readonly plan: Keeper<UpdatePlan>;
  readonly provides: ProvidesStore;
  readonly providesChanged: () => void;
  readonly artifactKeys: readonly string[];
  readonly scriptDir: string;
  readonly scriptTimes: ScriptTimes;
  readonly rebootCommand: string;
  readonly bootId: () => string;
  readonly random: () => number;
}

export class HostSteps implements Steps {
  readonly #options: HostStepsOptions;
  #artifact: OpenArtifact | undefined;
  #heard: () => void = () => undefined;

  constructor(options: HostStepsOptions) {
    this.#options = options;
  }

  async begin(): Promise<void> {
    await endLeftovers(this.#options.folder);
  }

  async tidy(): Promise<void> {
    const { folder, plan } = this.#options;
    this.#close();
    for (const name of ['payloads', 'scripts']) rmSync(join(folder, name), { recursive: true, force: true });
    plan.clear();
  }

  perform(run: StepRun): Promise<StepFacts> {
    const action = this.#actions[run.record.step];
    if (!action) throw new Error(`the step ${run.record.step} is none of the host's`);
    return action(run);
  }

  readonly #actions: { readonly [step: string]: (run: StepRun) => Promise<StepFacts> } = {
    fetch: (run) => this.#fetch(run),
    store: (run) => this.#guardState('Download', run, () => this.#store(run)),
    'after-store': (run) => this.#guardState('Download', run, () => this.#scripts(run, 'Download', 'Leave')),
    install: (run) => this.#guardState('ArtifactInstall', run, () => this.#install(run)),
    reboot: (run) => this.#guardState('ArtifactReboot', run, () => this.#reboot(run)),
    'verify-reboot': (run) => this.#guardState('ArtifactReboot', run, () => this.#verifyReboot(run)),
    'after-reboot': (run) =>
      this.#guardState('ArtifactReboot', run, () => this.#scripts(run, 'ArtifactReboot', 'Leave')),
    commit: (run) => this.#guardState('ArtifactCommit', run, () => this.#commit(run)),
    'after-first-commit': (run) => this.#commitOthers(run),
    'after-commit': (run) =>
      this.#guardState('ArtifactCommit', run, () => this.#scripts(run, 'ArtifactCommit', 'Leave')),
    rollback: (run) => this.#rollback(run),
    'rollback-reboot': (run) => this.#rollbackReboot(run),
    'verify-rollback-reboot': (run) => this.#verifyRollbackReboot(run),
    'after-rollback-reboot': (run) => this.#scripts(run, 'ArtifactRollbackReboot', 'Leave'),
    failure: (run) => this.#failure(run),
    cleanup: (run) => this.#cleanup(run),
  };

  async #fetch(run: StepRun): Promise<StepFacts> {
    await this.tidy();
    await this.#requireSpace();
    await this.#scripts(run, 'Idle', 'Leave');
    await this.#guardState('Sync', run, async () => {
      await this.#scripts(run, 'Sync', 'Enter');
      return await this.#scripts(run, 'Sync', 'Leave');
    });
    return await this.#guardState('Download', run, async () => {
      await this.#scripts(run, 'Download', 'Enter');
      await this.#open(run);
      return {};
    });
  }

  async #requireSpace(): Promise<void> {
    const { folder } = this.#options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < UPDATE_FREE_BYTES_MIN)
      throw new UpdateError('no-space', 'Download', `only ${bavail * bsize} bytes are free in ${folder}`);
  }

  /** Reads the header, checks it, and leaves the payloads waiting. */
  async #open(run: StepRun): Promise<void> {
    const { plan, provides, artifactKeys } = this.#options;
    const artifact = openArtifact({
      ...this.#options,
      offer: run.offer,
      alive: () => {
        const { bytes } = artifact.download;
        this.#heard();
        run.progress({ percent: (100 * bytes) / run.offer().artifact.bytes, bytes });
      },
      note: (message) => run.log.add('warning', message),
    });
    this.#artifact = artifact;
    const start = await untilAborted(run.signal, artifact, () => artifact.start);
    const { scripts, ...header } = start.header;
    const before = provides.read();
    checkArtifact(start, {
      name: run.offer().artifact.name,
      provides: before,
      keys: artifactKeys,
      canHandle: (type) => canHandle(this.#options, type),
    });
    this.#stateScripts(run).unpack(scripts);
    // In both files, as it is written only once.
    const its = { header, before, offer: run.offer() };
    if (!plan.save(its) || !plan.save(its))
      throw new UpdateError('disk-failed', 'Download', 'what the artifact says of itself could not be written down');
  }

  async #store(run: StepRun): Promise<StepFacts> {
    const artifact = this.#artifact;
    if (!artifact) throw new UpdateError('power-lost', 'Download', 'the download is not there any more');
    const modules = await this.#modules(run, artifact);
    const reading = artifact.read();
    const readFailure = reading.then(
      () => undefined,
      (error: unknown) => error,
    );
    try {
      await untilAborted(run.signal, artifact, async () => {
        for (const { payload, call } of modules) {
          await call('Download', (module) => module.download(artifact.relay.files(payload)));
          // What it left: the next payload's files come after them.
          for await (const _ of artifact.relay.files(payload));
        }
        await reading;
      });
    } catch (error) {
      artifact.close();
      throw preferred(await readFailure, error);
    }
    this.#close();
    const answers: boolean[] = [];
    for (const { call } of modules) answers.push(await call('SupportsRollback', (module) => module.supportsRollback()));
    return {
      canRollBack: answers.every(Boolean),
      patience: modules.map(({ module }) => module.isPatient === true),
    };
  }

  async #install(run: StepRun): Promise<StepFacts> {
    await this.#scripts(run, 'ArtifactInstall', 'Enter');
    const modules = await this.#modules(run);
    for (const [at, { call }] of modules.entries()) {
      if (at < run.record.installed) continue;
      if (at > run.record.installed) run.note(at);
      await call('ArtifactInstall', (module) => module.install());
    }
    const rebootNeeds = await askForReboot(modules);
    await this.#scripts(run, 'ArtifactInstall', 'Leave');
    return { rebootNeeds };
  }

  async #reboot(run: StepRun): Promise<StepFacts> {
    await this.#scripts(run, 'ArtifactReboot', 'Enter');
    for (const { call, need } of await this.#modules(run))
      if (need === 'yes') await call('ArtifactReboot', (module) => module.reboot());
    if (needsMachine(run.record)) await startMachineAnew(this.#options, run, 'ArtifactReboot');
    return {};
  }

  async #verifyReboot(run: StepRun): Promise<StepFacts> {
    this.#requireNewLife(run, 'ArtifactVerifyReboot');
    for (const { call } of await this.#modules(run))
      await call('ArtifactVerifyReboot', (module) => module.verifyReboot());
    return {};
  }

  async #commit(run: StepRun): Promise<StepFacts> {
    await this.#scripts(run, 'ArtifactCommit', 'Enter');
    const [first] = await this.#modules(run);
    await first?.call('ArtifactCommit', (module) => module.commit());
    return {};
  }

  async #commitOthers(run: StepRun): Promise<StepFacts> {
    const { header, before } = this.#plan();
    this.#provide(providesAfter(before, header));
    const [, ...others] = await this.#modules(run);
    for (const { call } of others) await call('ArtifactCommit', (module) => module.commit());
    return {};
  }

  async #rollback(run: StepRun): Promise<StepFacts> {
    await this.#scripts(run, 'ArtifactRollback', 'Enter');
    const modules = await this.#modules(run);
    // What was installed last goes first; one that can't go back keeps no other from it.
    let failure: { readonly error: unknown } | undefined;
    for (const { call } of modules.toReversed()) {
      try {
        await call('ArtifactRollback', (module) => module.rollback());
      } catch (error) {
        if (run.signal.aborted) throw error;
        run.log.add('error', describeError(error));
        failure ??= { error };
      }
    }
    if (failure) throw failure.error;
    const rebootNeeds = run.record.hasBegunReboot ? run.record.rebootNeeds : await askForReboot(modules);
    await this.#scripts(run, 'ArtifactRollback', 'Leave');
    return { rebootNeeds };
  }

  async #rollbackReboot(run: StepRun): Promise<StepFacts> {
    await this.#scripts(run, 'ArtifactRollbackReboot', 'Enter');
    for (const { call, need } of await this.#modules(run)) {
      if (need !== 'yes') continue;
      // What comes of it the look afterwards says.
      await this.#ignoring(run, () => call('ArtifactRollbackReboot', (module) => module.rollbackReboot()));
    }
    if (needsMachine(run.record)) await startMachineAnew(this.#options, run, 'ArtifactRollbackReboot');
    return {};
  }

  async #verifyRollbackReboot(run: StepRun): Promise<StepFacts> {
    this.#requireNewLife(run, 'ArtifactVerifyRollbackReboot');
    for (const { call } of await this.#modules(run))
      await call('ArtifactVerifyRollbackReboot', (module) => module.verifyRollbackReboot());
    return {};
  }

  async #failure(run: StepRun): Promise<StepFacts> {
    await this.#scripts(run, 'ArtifactFailure', 'Enter');
    for (const { call } of await this.#modules(run))
      await this.#ignoring(run, () => call('ArtifactFailure', (module) => module.failure()));
    return await this.#scripts(run, 'ArtifactFailure', 'Leave');
  }

  /** Whatever else happened, what is provided is what is there. */
  async #cleanup(run: StepRun): Promise<StepFacts> {
    const { record } = run;
    this.#close();
    const plan = this.#options.plan.load();
    if (plan) {
      await this.#ignoring(run, async () => {
        for (const { call } of await this.#modules(run))
          await this.#ignoring(run, () => call('Cleanup', (module) => module.cleanup()));
      });
      if (record.isInconsistent) this.#provide(inconsistent(plan.before, plan.header.name));
      else this.#provide(record.failure ? plan.before : providesAfter(plan.before, plan.header));
    } else if (record.isInconsistent) {
      this.#provide(inconsistent(this.#options.provides.read(), record.offer.artifact.name));
    }
    await this.#scripts(run, 'Idle', 'Enter');
    return {};
  }

  #plan(): UpdatePlan {
    const plan = this.#options.plan.load();
    if (!plan)
      throw new UpdateError('disk-failed', 'plan', 'what the artifact said of itself can not be read any more');
    return plan;
  }

  #provide(provided: Provided): void {
    const { provides, providesChanged } = this.#options;
    if (isSame(provides.read(), provided)) return;
    if (!provides.write(provided))
      throw new UpdateError('disk-failed', 'provides', 'what is provided could not be written down');
    providesChanged();
  }

  #modules(run: StepRun, artifact?: OpenArtifact): Promise<OpenedModule[]> {
    const { header, before } = this.#plan();
    const arriving = artifact && {
      bytesToCome: () => artifact.download.bytesToCome,
      watch: (heard: () => void) => void (this.#heard = heard),
    };
    return openModules(this.#options, { run, header, before, arriving });
  }

  #stateScripts(run: StepRun): StateScripts {
    const { folder, scriptDir, scriptTimes, environment, clock, moduleTimes } = this.#options;
    return new StateScripts({
      ownFolder: scriptDir,
      artifactFolder: join(folder, 'scripts'),
      times: scriptTimes,
      clock,
      run: (path, signal) =>
        runProgram(path, [], {
          folder: '/',
          home: folder,
          environment,
          log: run.log,
          signal,
          alive: () => undefined,
          lookMs: moduleTimes.silenceMs,
        }),
      tell: (substate) => {
        run.log.add('info', substate);
        run.tell(substate);
      },
      warn: (message) => run.log.add('warning', message),
    });
  }

  async #scripts(run: StepRun, state: ScriptState, moment: ScriptMoment): Promise<StepFacts> {
    await this.#stateScripts(run).run(state, moment, run.signal);
    return {};
  }

  /** What goes wrong in this state is answered by its Error scripts. */
  async #guardState(state: ScriptState, run: StepRun, task: () => Promise<StepFacts>): Promise<StepFacts> {
    try {
      return await task();
    } catch (error) {
      if (!run.signal.aborted) await this.#scripts(run, state, 'Error');
      throw error;
    }
  }

  async #ignoring(run: StepRun, task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (run.signal.aborted) throw error;
      run.log.add('warning', describeError(error));
    }
  }

  #requireNewLife({ record }: StepRun, step: string): void {
    if (needsMachine(record) && record.bootId === this.#options.bootId())
      throw new UpdateError('reboot-failed', step, 'the machine did not start anew');
  }

  #close(): void {
    this.#artifact?.close();
    this.#artifact = undefined;
  }
}

async function askForReboot(modules: readonly OpenedModule[]): Promise<RebootNeed[]> {
  const needs: RebootNeed[] = [];
  for (const { call } of modules) needs.push(await call('NeedsArtifactReboot', (module) => module.needsReboot()));
  return needs;
}

/** An update that is stopped doesn't wait for the network. */
async function untilAborted<T>(signal: AbortSignal, artifact: OpenArtifact, task: () => Promise<T>): Promise<T> {
  signal.addEventListener('abort', artifact.close, { once: true });
  if (signal.aborted) artifact.close();
  try {
    return await task();
  } finally {
    signal.removeEventListener('abort', artifact.close);
  }
}

/** A module stumbles over what is wrong with the download: that, then, is what it failed of, unless we let go of it ourselves. */
function preferred(download: unknown, module: unknown): unknown {
  return download instanceof UpdateError ? download : module;
}

function isSame(a: Provided, b: Provided): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
