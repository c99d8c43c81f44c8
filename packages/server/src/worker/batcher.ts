/**
 * Collects items and hands them over in batches, one batch at a time and in order. A batch that fails is tried again
 * for as long as it takes; when the data itself is at fault, it is halved until the bad item stands alone.
 */
export interface BatcherOptions<T> {
  readonly itemsMax: number;
  /** An item larger than this is a batch of its own. */
  readonly bytesMax: number;
  /** Items beyond this many, or this many bytes, waiting are refused: whoever sent them sends them again. */
  readonly waitingMax: number;
  readonly waitingBytesMax: number;
  readonly retryMs: number;
  /** How long the first item of a batch waits for others: a batch of many costs each of them less. */
  readonly lingerMs: number;
  bytesOf(item: T): number;
  store(items: readonly T[]): Promise<void>;
  /** Whether an error is the items' fault (and will come again), not the database's. */
  isBadInput(error: unknown): boolean;
  /** One item that can't be stored, ever. */
  onRejected(item: T, error: unknown): void;
  /** A batch that failed and is tried again. */
  onRetry(error: unknown): void;
}

export interface Batcher<T> {
  /** False when too much waits already. */
  add(item: T): boolean;
  readonly waiting: number;
  /** Stores what waits, then ends; gives up what can't be stored when `signal` fires. */
  close(signal: AbortSignal): Promise<void>;
}

export function createBatcher<T>(options: BatcherOptions<T>): Batcher<T> {
  let waiting: T[] = [];
  let waitingBytes = 0;
  let running: Promise<void> | undefined;
  const giveUp = new AbortController();

  async function run(): Promise<void> {
    // At the least, everything that arrives in this turn of the event loop joins the first batch.
    await new Promise<void>((resolve) =>
      options.lingerMs > 0 ? setTimeout(resolve, options.lingerMs) : setImmediate(resolve),
    );
    while (waiting.length > 0 && !giveUp.signal.aborted) {
      await storeStubbornly(takeBatch());
    }
    running = undefined;
  }

  function takeBatch(): T[] {
    let count = 0;
    let bytes = 0;
    for (const item of waiting) {
      const size = options.bytesOf(item);
      if (count === options.itemsMax || (count > 0 && bytes + size > options.bytesMax)) break;
      count++;
      bytes += size;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    waitingBytes -= bytes;
    return batch;
  }

  async function storeStubbornly(batch: readonly T[]): Promise<void> {
    while (!giveUp.signal.aborted) {
      try {
        await options.store(batch);
        return;
      } catch (error) {
        if (options.isBadInput(error)) {
          await storeHalves(batch, error);
          return;
        }
        options.onRetry(error);
        await pause(options.retryMs, giveUp.signal);
      }
    }
  }

  async function storeHalves(batch: readonly T[], error: unknown): Promise<void> {
    if (batch.length === 1) {
      options.onRejected(batch[0]!, error);
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    await storeStubbornly(batch.slice(0, middle));
    await storeStubbornly(batch.slice(middle));
  }

  return {
    add(item) {
      const bytes = options.bytesOf(item);
      if (waiting.length >= options.waitingMax || waitingBytes + bytes > options.waitingBytesMax) return false;
      waiting.push(item);
      waitingBytes += bytes;
      running ??= run();
      return true;
    },
    get waiting() {
      return waiting.length;
    },
    async close(signal) {
      // A store that gets no answer must not hold up the end: its items were never acknowledged and come again.
      const tooLate = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      if (!signal.aborted) await Promise.race([running, tooLate]);
      giveUp.abort();
    },
  };
}

function pause(forMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, forMs);
    signal.addEventListener('abort', done, { once: true });
  });
}
