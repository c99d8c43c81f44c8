/** The modules of an artifact's payloads, opened for one step: they remember nothing that isn't on the disk. */
import type { ArtifactHeader } from '@lovely/artifact';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { findModule, openExecutable, type RunModule } from './executable/executable-module.ts';
import { runProgram } from './program.ts';
import type { Provided } from './provides.ts';
import { guarded, type StepTimes } from './step-watch.ts';
import type { StepRun } from './steps.ts';
import {
  UpdateError,
  type ModuleContext,
  type PayloadHandlers,
  type RebootNeed,
  type UpdateModule,
} from './update-module.ts';

export interface OpenedModule {
  /** Which payload of the artifact. */
  readonly payload: number;
  readonly module: UpdateModule;
  /** What it wanted after the installation. */
  readonly need: RebootNeed | undefined;
  /** Calls the module for a step, and ends it when it hangs. */
  call<T>(step: string, task: (module: UpdateModule) => Promise<T>): Promise<T>;
}

export interface ModulesOptions {
  /** Where all of the update lies. */
  readonly folder: string;
  readonly handlers: PayloadHandlers;
  readonly moduleDir: string;
  readonly environment: { readonly [name: string]: string };
  readonly moduleTimes: StepTimes;
  readonly clock: Clock;
}

/** What the modules of one step share. */
export interface ModulesOfStep {
  readonly run: StepRun;
  readonly header: Omit<ArtifactHeader, 'scripts'>;
  /** What was provided before the update. */
  readonly before: Provided;
  /** Of the download, while there is one; `heard` is to be called while the network is waited for. */
  readonly arriving?: { bytesToCome(): number; watch(heard: () => void): void } | undefined;
}

/** Whether something here carries out payloads of this type. */
export function canHandle({ handlers, moduleDir }: ModulesOptions, type: string): boolean {
  return handlers.has(type) || findModule(moduleDir, type) !== undefined;
}

export async function openModules(options: ModulesOptions, its: ModulesOfStep): Promise<OpenedModule[]> {
  const { header, run } = its;
  const opened: OpenedModule[] = [];
  for (const [payload, { type }] of header.payloads.entries())
    if (type !== null)
      opened.push(await openModule(options, its, payload, type, run.record.rebootNeeds[opened.length]));
  return opened;
}

async function openModule(
  options: ModulesOptions,
  its: ModulesOfStep,
  payload: number,
  type: string,
  need: RebootNeed | undefined,
): Promise<OpenedModule> {
  const { handlers, moduleDir, moduleTimes, clock } = options;
  const { run, header, before, arriving } = its;
  const stop = new AbortController();
  const folder = join(options.folder, 'payloads', String(payload).padStart(4, '0'));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let heard = (): void => undefined;
  const { deployment, sensors } = run.offer();
  const context: ModuleContext = {
    deployment,
    payload,
    type,
    header: header.payloads[payload]!,
    artifact: header,
    provides: before,
    sensors,
    folder,
    bytesToCome: () => arriving?.bytesToCome() ?? 0,
    log: (level, message) => run.log.add(level, message),
    progress(percent, ofSensors) {
      heard();
      run.progress({ percent, sensors: ofSensors });
    },
    tellSensors(news) {
      heard();
      run.tellSensors(news);
    },
    signal: AbortSignal.any([run.signal, stop.signal]),
  };
  const module = await open();
  // The network may be slow, and so may whoever says that he is.
  const isInTime = arriving === undefined && !module.isPatient;
  return {
    payload,
    module,
    need,
    call: (step, task) =>
      guarded({
        step,
        times: isInTime ? moduleTimes : { ...moduleTimes, timeoutMs: Infinity },
        clock,
        stop,
        isStopped: () => run.signal.aborted,
        watch(listener) {
          heard = listener;
          arriving?.watch(listener);
        },
        task: () => task(module),
      }),
  };

  async function open(): Promise<UpdateModule> {
    const load = handlers.get(type);
    if (load) return (await load())(context);
    const program = findModule(moduleDir, type);
    if (program === undefined)
      throw new UpdateError('missing-module', 'module', `there is no update module for ${type}`);
    return openExecutable(program, runModule(options, run), header, context);
  }
}

function runModule({ folder: home, environment, moduleTimes }: ModulesOptions, run: StepRun): RunModule {
  return (program, args, folder, { signal, progress }, answer) =>
    runProgram(
      program,
      args,
      {
        folder,
        home,
        environment,
        log: run.log,
        signal,
        alive: () => progress(),
        lookMs: moduleTimes.silenceMs / LOOKS_IN_SILENCE,
      },
      answer,
    );
}

/** How often it is looked whether a silent module uses the processor, before it is ended for its silence. */
const LOOKS_IN_SILENCE = 4;
