/** A clock that stands still until a test moves it. */
import type { Clock } from '../src/clock.ts';

export class ManualClock implements Clock {
  /** What somebody set the clock forward by; the monotonic one doesn't follow. */
  setByMs = 0;
  #nowMs = 0;
  #timers: { readonly atMs: number; readonly task: () => void }[] = [];

  nowMs(): number {
    return 1_700_000_000_000 + this.#nowMs + this.setByMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, task };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((each) => each !== timer));
  }

  /** How long the timers that are set still have to wait, shortest first. */
  get waitsMs(): number[] {
    return this.#timers.map(({ atMs }) => atMs - this.#nowMs).sort((a, b) => a - b);
  }

  /** Moves on, running what becomes due at its own time. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const due = this.#timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      this.#timers = this.#timers.filter((each) => each !== due);
      due.task();
    }
    this.#nowMs = untilMs;
  }
}
