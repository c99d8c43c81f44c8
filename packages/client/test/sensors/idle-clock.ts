/** A clock that runs only while nothing else does: hours of waiting pass in a moment, and what is at work has all the time. */
import type { Clock } from '../../src/clock.ts';
import { ManualClock } from '../manual-clock.ts';

export class IdleClock implements Clock {
  readonly #clock = new ManualClock();
  #busy = 0;
  #isOver = false;

  nowMs(): number {
    return this.#clock.nowMs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  after(delayMs: number, task: () => void): () => void {
    return this.#clock.after(delayMs, task);
  }

  /** Stands still until `work` is through. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#busy++;
    try {
      return await work();
    } finally {
      this.#busy--;
    }
  }

  run(): void {
    const [nextMs] = this.#clock.waitsMs;
    if (this.#busy === 0 && nextMs !== undefined) this.#clock.advance(nextMs);
    if (!this.#isOver) setImmediate(() => this.run());
  }

  stop(): void {
    this.#isOver = true;
  }
}
