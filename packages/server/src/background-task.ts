/**
 * A task that runs again and again: no input, idempotent, one run at a time. One path for the happy day, a crash and a
 * failover: whoever runs next finds in the database what is to be done.
 */
import type { Log } from './log.ts';

export interface Task {
  /** Runs no more; resolves when the run under way has ended. */
  close(): Promise<void>;
}

export function startTask(name: string, everyMs: number, log: Log, run: () => Promise<void>): Task {
  let running: Promise<void> = Promise.resolve();
  let isRunning = false;
  const timer = setInterval(() => {
    if (isRunning) return;
    isRunning = true;
    running = run()
      .catch((error: unknown) => log.error({ error, task: name }, 'a background task failed; it runs again'))
      .finally(() => (isRunning = false));
  }, everyMs);
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}

/**
 * Does the same for each, one after the other, also for those after one that fails: what is wrong with one tenant or
 * recipient must not keep all others waiting. Throws what went wrong first, once all had their turn.
 */
export async function doForEach<T>(items: Iterable<T>, run: (item: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  for (const item of items) {
    try {
      await run(item);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
