/** Has the machine started anew: the client is ended on the way down, and goes on after the start. */
import { sleep, type Clock } from '../clock.ts';
import { REBOOT_WAIT_MS } from '../limits.ts';
import type { ProgramEnd } from './last-words.ts';
import { runProgram } from './program.ts';
import type { StepRun } from './steps.ts';
import type { UpdateLog } from './update-log.ts';
import { UpdateError } from './update-module.ts';

export interface RebootOptions {
  readonly folder: string;
  /** Its words are split at spaces. */
  readonly rebootCommand: string;
  readonly environment: { readonly [name: string]: string };
  readonly clock: Clock;
}

/** Never returns; throws UpdateError when the machine does not go down. */
export async function startMachineAnew(
  options: RebootOptions,
  run: Pick<StepRun, 'signal'> & { readonly log: Pick<UpdateLog, 'add'> },
  step: string,
): Promise<never> {
  const { rebootCommand, folder: home, environment, clock } = options;
  const { log, signal } = run;
  const [program = '', ...args] = rebootCommand.split(' ').filter((word) => word !== '');
  log.add('info', `starting the machine anew: ${rebootCommand}`);
  let end: ProgramEnd;
  try {
    const its = { folder: '/', home, environment, log, signal, alive: () => undefined, lookMs: REBOOT_WAIT_MS };
    end = await runProgram(program, args, its);
  } catch (cause) {
    throw new UpdateError('reboot-failed', step, `${program} can not be run`, { cause });
  }
  signal.throwIfAborted();
  if (end.status !== 0) throw end.lastWords.failure(rebootCommand, step, end.status, 'reboot-failed');
  await sleep(clock, REBOOT_WAIT_MS, signal);
  signal.throwIfAborted();
  throw new UpdateError('reboot-failed', step, 'the machine did not go down');
}
