/** Carries commands out on this host, as far as its owner allows: built-in ones, programs of a folder, scripts, sensors' own. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandParameters, CommandRefusal } from '@lovely/protocol';
import type { ActionKind } from './action-kinds.ts';
import { BadParameter, BUILT_IN, type CommandContext } from './built-in.ts';
import type { CommandEnd as SensorEnd, CommandRequest } from '../local/command-runs.ts';
import { describeError } from '../error.ts';
import { ownProgram } from './own-program.ts';
import { runProcess } from './process.ts';
import type { Stream } from './run-output.ts';

/** A command that is verified, with the content of its script. */
export interface VerifiedCommand {
  readonly id: string;
  readonly name: string;
  readonly script: string | undefined;
  readonly parameters: CommandParameters;
  readonly sensor: string | undefined;
}

/** Where a run prints to, and what it is told by. */
export interface RunSink {
  output(stream: Stream, bytes: Uint8Array): void;
  /** A program runs for it under this number. */
  started(pid: number): void;
  readonly signal: AbortSignal;
}

export type ExecutionEnd =
  | { readonly kind: 'exited'; readonly exit: number; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

export type Preparation =
  | { readonly kind: 'refused'; readonly refusal: CommandRefusal; readonly reason: string }
  | {
      readonly kind: 'ready';
      run(sink: RunSink): Promise<ExecutionEnd>;
      /** What ends the client or the gateway: after the end of the run was told. */
      readonly last?: () => Promise<void>;
    };

/** Says whether a command can and may run, without running it. */
export type Prepare = (command: VerifiedCommand) => Preparation;

export interface ExecutorOptions {
  readonly allowed: ReadonlySet<ActionKind>;
  /** Programs that may be run by their name. */
  readonly commandDir: string | undefined;
  /** Where scripts lie while they run. */
  readonly scratchDir: string;
  readonly environment: { readonly [name: string]: string };
  runOnSensor(request: CommandRequest, output: (bytes: Uint8Array) => void, signal: AbortSignal): Promise<SensorEnd>;
}

export function createExecutor(options: ExecutorOptions): Prepare {
  const { allowed, commandDir, environment } = options;
  const forbidden = (kind: ActionKind): Preparation | undefined =>
    allowed.has(kind) ? undefined : refuse('not-allowed', `This gateway does not allow ${WORDS[kind]} (--actions).`);

  return (command) => {
    if (command.sensor !== undefined) return forbidden('sensors') ?? onSensor(options, command, command.sensor);
    if (command.script !== undefined) return forbidden('scripts') ?? script(options, command, command.script);
    const own = commandDir === undefined ? undefined : ownProgram(commandDir, command.name);
    if (own !== undefined)
      return forbidden('commands') ?? program(own, namedArguments(command.parameters), environment);
    const builtIn = Object.hasOwn(BUILT_IN, command.name) ? BUILT_IN[command.name]! : undefined;
    if (!builtIn) return refuse('unknown-command', `This gateway knows no command "${command.name}".`);
    const obstacle = forbidden(builtIn.kind);
    if (obstacle) return obstacle;
    try {
      const carryOut = builtIn.prepare(command.parameters);
      const { last } = builtIn;
      return {
        kind: 'ready',
        run: async (sink) => await exitOf(() => carryOut(contextOf(sink, environment))),
        ...(last ? { last: async () => void (await last(contextOf(NOWHERE, environment))) } : {}),
      };
    } catch (error) {
      if (error instanceof BadParameter) return refuse('bad-parameter', `${error.message}.`);
      throw error;
    }
  };
}

const WORDS: { readonly [K in ActionKind]: string } = {
  commands: 'commands',
  scripts: 'scripts',
  sensors: 'commands of sensors',
  reboot: 'a reboot',
};

const NOWHERE: RunSink = { output: () => undefined, started: () => undefined, signal: new AbortController().signal };

function refuse(refusal: CommandRefusal, reason: string): Preparation {
  return { kind: 'refused', refusal, reason };
}

function contextOf(sink: RunSink, environment: ExecutorOptions['environment']): CommandContext {
  const print = (stream: Stream, text: string): void => sink.output(stream, new TextEncoder().encode(text));
  return {
    run: (name, ...args) => runProcess(name, args, { ...sink, environment }),
    async read(name, ...args) {
      const pieces: Uint8Array[] = [];
      const output = (stream: Stream, bytes: Uint8Array): void =>
        void (stream === 'out' ? pieces.push(bytes) : sink.output(stream, bytes));
      const status = await runProcess(name, args, { ...sink, environment, output });
      return { status, text: Buffer.concat(pieces).toString() };
    },
    print: (line) => print('out', `${line}\n`),
  };
}

async function exitOf(run: () => Promise<number>): Promise<ExecutionEnd> {
  try {
    return { kind: 'exited', exit: await run(), reason: '' };
  } catch (error) {
    // The program isn't there, or may not be run.
    return { kind: 'failed', reason: describeError(error) };
  }
}

function program(path: string, args: readonly string[], environment: ExecutorOptions['environment']): Preparation {
  return { kind: 'ready', run: (sink) => exitOf(() => runProcess(path, args, { ...sink, environment })) };
}

/** As `--size=50M`, in the order of their names. */
function namedArguments(parameters: CommandParameters): string[] {
  return Object.entries(parameters)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `--${name}=${value}`);
}

function script(
  { scratchDir, environment }: ExecutorOptions,
  { id, parameters }: VerifiedCommand,
  content: string,
): Preparation {
  const names = Object.keys(parameters);
  const strange = names.find(
    (name) => !/^[a-zA-Z][a-zA-Z0-9]{0,63}$/.test(name) || String(parameters[name]).includes('\0'),
  );
  if (strange !== undefined) return refuse('bad-parameter', `A script can't take the parameter "${strange}".`);
  const given = Object.fromEntries(names.map((name) => [variableOf(name), String(parameters[name])]));
  return {
    kind: 'ready',
    async run(sink) {
      const path = join(scratchDir, `${id.replace(/[^A-Za-z0-9.-]/g, '_')}.sh`);
      return await exitOf(async () => {
        mkdirSync(scratchDir, { recursive: true, mode: 0o700 });
        writeFileSync(path, content, { mode: 0o600 });
        try {
          return await runProcess('/bin/sh', [path], { ...sink, environment: { ...environment, ...given } });
        } finally {
          rmSync(path, { force: true });
        }
      });
    },
  };
}

/** `freeMb` as PARAMETER_FREE_MB. */
function variableOf(name: string): string {
  return `PARAMETER_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}

function onSensor(
  { runOnSensor }: ExecutorOptions,
  { id, name, parameters }: VerifiedCommand,
  sensor: string,
): Preparation {
  return {
    kind: 'ready',
    async run({ output, signal }) {
      const end = await runOnSensor({ sensor, run: id, name, parameters }, (bytes) => output('out', bytes), signal);
      switch (end.kind) {
        case 'done':
          return { kind: 'exited', exit: end.exit, reason: end.message };
        case 'unknown-sensor':
          return { kind: 'failed', reason: `This gateway has no sensor "${sensor}".` };
        case 'absent':
          return { kind: 'failed', reason: 'No program speaks for the sensor at the moment.' };
        case 'left':
          return { kind: 'failed', reason: 'The program of the sensor stopped while it was at it.' };
        case 'cancelled':
          return { kind: 'failed', reason: 'It was ended.' };
      }
    },
  };
}
