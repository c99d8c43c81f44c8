/** Ends the step of a module that takes too long, or gives no sign of life. */
import type { Clock } from '../clock.ts';
import { deferred } from '../deferred.ts';
import { UpdateError } from './update-module.ts';

export interface StepTimes {
  readonly timeoutMs: number;
  readonly silenceMs: number;
}

export interface GuardOptions<T> {
  readonly step: string;
  readonly times: StepTimes;
  readonly clock: Clock;
  /** Aborted to end the step. */
  readonly stop: AbortController;
  /** Whether the step was ended by somebody else. */
  isStopped(): boolean;
  /** Takes what is to be called at each sign of life. */
  watch(heard: () => void): void;
  task(): Promise<T>;
}

/** Throws UpdateError 'timed-out'. A task that doesn't end when it is told to is left to itself. */
export async function guarded<T>({ step, times, clock, stop, isStopped, watch, task }: GuardOptions<T>): Promise<T> {
  const { promise: late, reject } = deferred<never>();
  late.catch(() => undefined);
  const startedMs = clock.monotonicMs();
  let heardMs = startedMs;
  let cancel = (): void => undefined;
  watch(() => (heardMs = clock.monotonicMs()));
  const look = (): void => {
    const nowMs = clock.monotonicMs();
    const leftMs = Math.min(startedMs + times.timeoutMs - nowMs, heardMs + times.silenceMs - nowMs);
    if (leftMs > 0) {
      cancel = clock.after(leftMs, look);
      return;
    }
    const why = nowMs - heardMs >= times.silenceMs ? 'gave no sign of life' : 'took too long';
    stop.abort();
    const error = new UpdateError('timed-out', step, `the update module ${why} and was ended`);
    cancel = clock.after(END_MS, () => reject(error));
    failure = error;
  };
  let failure: UpdateError | undefined;
  look();
  try {
    const result = await Promise.race([task(), late]);
    if (failure) throw failure;
    return result;
  } catch (error) {
    throw isStopped() ? error : (failure ?? error);
  } finally {
    cancel();
    watch(() => undefined);
  }
}

/** How long a step has to end once it was told to. */
const END_MS = 30_000;
