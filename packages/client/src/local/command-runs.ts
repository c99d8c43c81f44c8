/** Commands that programs carry out for their sensors. */
import type { Caller } from './caller.ts';
import type { Values } from './interface.ts';
import { LocalError } from './local-error.ts';

export interface CommandRequest {
  readonly sensor: string;
  /** Names the run for ever. */
  readonly run: string;
  readonly name: string;
  readonly parameters: Values;
}

export type CommandEnd =
  | { readonly kind: 'done'; readonly exit: number; readonly message: string }
  | { readonly kind: 'unknown-sensor' }
  /** No program speaks for the sensor. */
  | { readonly kind: 'absent' }
  /** The program left while it was at it. */
  | { readonly kind: 'left' }
  | { readonly kind: 'cancelled' };

interface Run {
  readonly caller: Caller;
  readonly output: (bytes: Uint8Array) => void;
  readonly end: (end: CommandEnd) => void;
}

export class CommandRuns {
  readonly #runs = new Map<string, Run>();

  async run(
    caller: Caller,
    { sensor, run, name, parameters }: CommandRequest,
    output: (bytes: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<CommandEnd> {
    if (signal.aborted) return { kind: 'cancelled' };
    const ended = new Promise<CommandEnd>((end) => this.#runs.set(run, { caller, output, end }));
    const cancel = (): void => {
      caller.tell('CommandCancelled', { sensor, run });
      this.#end(run, { kind: 'cancelled' });
    };
    signal.addEventListener('abort', cancel, { once: true });
    caller.tell('CommandRequested', { sensor, run, name, parameters });
    const end = await ended;
    signal.removeEventListener('abort', cancel);
    return end;
  }

  output(caller: Caller, run: string, bytes: Uint8Array): void {
    this.#of(caller, run).output(bytes);
  }

  /** An exit status as the backend takes it: what doesn't fit is a failure. */
  done(caller: Caller, run: string, exit: number, message: string): void {
    this.#of(caller, run);
    this.#end(run, { kind: 'done', exit: exit >= 0 && exit <= 255 ? exit : -1, message });
  }

  left(caller: Caller): void {
    for (const [run, { caller: of }] of this.#runs) if (of === caller) this.#end(run, { kind: 'left' });
  }

  #of(caller: Caller, name: string): Run {
    const run = this.#runs.get(name);
    if (run?.caller === caller) return run;
    throw new LocalError('UnknownRun', 'this run is over, or was never yours');
  }

  #end(name: string, end: CommandEnd): void {
    const run = this.#runs.get(name);
    this.#runs.delete(name);
    run?.end(end);
  }
}
