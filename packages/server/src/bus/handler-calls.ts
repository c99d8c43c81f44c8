import type { BusHandler, BusMessage, OnBusError } from './bus.ts';

/** Calls the handler of one subscription, reports what it throws, and knows when the last call is over. */
export class HandlerCalls {
  readonly #handler: BusHandler;
  readonly #onError: OnBusError;
  readonly #running = new Set<Promise<void>>();

  constructor(handler: BusHandler, onError: OnBusError) {
    this.#handler = handler;
    this.#onError = onError;
  }

  call(message: BusMessage): void {
    try {
      const result = this.#handler(message);
      if (result) this.#watch(result, message.subject);
    } catch (error) {
      this.#onError(error, message.subject);
    }
  }

  /** Resolves when no call is running. */
  async finished(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #watch(result: Promise<void>, subject: string): void {
    const watched: Promise<void> = result
      .catch((error: unknown) => this.#onError(error, subject))
      .finally(() => this.#running.delete(watched));
    this.#running.add(watched);
  }
}
