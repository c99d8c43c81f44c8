/** Time as it is passed in, so that a test or a simulator can own it. */
export interface Clock {
  /** Milliseconds since 1970, as good as the host's clock. */
  nowMs(): number;
  /** Milliseconds since an unknown start; never jumps, so durations are measured with it. */
  monotonicMs(): number;
  /** Runs `task` once after `delayMs`; the function it returns prevents that. */
  after(delayMs: number, task: () => void): () => void;
}

// A timer of more than 31 bits of milliseconds would fire at once.
const TIMER_MS_MAX = 2 ** 31 - 1;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, Math.min(delayMs, TIMER_MS_MAX));
    return () => clearTimeout(timer);
  },
};

/** Waits; returns early, without an error, when `signal` is aborted. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal.addEventListener('abort', done);
  });
}
