/** The machine that the client runs on, for values that count once it has started anew. */
import { sleep, type Clock } from '../clock.ts';
import { describeError } from '../error.ts';
import { bootId } from '../host/boot-id.ts';
import { COMMAND_LAST_MS } from '../limits.ts';
import type { Log } from '../log.ts';

export interface Machine {
  /** Which of its lives this is. */
  bootId(): string;
  /** Starts it anew. Resolves only when that did not happen, with why. */
  restart(signal: AbortSignal): Promise<string>;
}

export interface HostMachineOptions {
  readonly rebootCommand: string;
  readonly environment: { readonly [name: string]: string };
  /** Tells what is started here from what updates start. */
  readonly home: string;
  /** Resolves when nothing is under way that must not be cut off. */
  settled(): Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

export function hostMachine({ home, settled, log, ...how }: HostMachineOptions): Machine {
  return {
    bootId,
    async restart(signal) {
      // The server hears of the values first.
      await sleep(how.clock, COMMAND_LAST_MS, signal);
      await settled();
      if (signal.aborted) return 'it was called off';
      const { startMachineAnew } = await import('../update/reboot.ts');
      const lines = { add: (_: unknown, line: string) => log.info('restart', { line }) };
      try {
        return await startMachineAnew({ ...how, folder: home }, { log: lines, signal }, 'restart');
      } catch (error) {
        return describeError(error);
      }
    },
  };
}
