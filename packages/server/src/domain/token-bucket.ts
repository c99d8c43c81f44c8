/** Limits a rate with bursts: `perSecond` on average, `burst` at once. Two numbers a bucket; the clock is passed in. */
export class TokenBucket {
  #tokens: number;
  #atMs: number;

  constructor(burst: number, nowMs: number) {
    this.#tokens = burst;
    this.#atMs = nowMs;
  }

  /** Takes one token, or says false when there is none. */
  take(perSecond: number, burst: number, nowMs: number): boolean {
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, nowMs - this.#atMs) / 1000) * perSecond);
    this.#atMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
