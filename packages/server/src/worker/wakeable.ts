/** A task that runs every so often, and at once when it is woken; one run at a time. */
import type { Task } from '../background-task.ts';
import type { Log } from '../log.ts';

export interface Wakeable extends Task {
  wake(): void;
}

export function createWakeable(name: string, everyMs: number, log: Log, run: () => Promise<void>): Wakeable {
  let running: Promise<void> | undefined;
  let isWanted = false;
  const closed = new AbortController();
  const wake = (): void => {
    isWanted = true;
    running ??= again().finally(() => (running = undefined));
  };
  async function again(): Promise<void> {
    while (isWanted && !closed.signal.aborted) {
      isWanted = false;
      await run().catch((error: unknown) =>
        log.error({ error, task: name }, 'a background task failed; it runs again'),
      );
    }
  }
  const timer = setInterval(wake, everyMs);
  return {
    wake,
    async close() {
      closed.abort();
      clearInterval(timer);
      await running;
    },
  };
}
