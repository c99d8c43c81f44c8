/** Limits a rate with bursts: `perSecond` on average, `burst` at once. Two numbers a bucket; the clock is passed in. */
export class TokenBucket {
  #tokens: number;
  #atMs: number;

  constructor(burst: number, nowMs: number) {
    this.#tokens = burst;
    this.#atMs = nowMs;
  }

  /** Takes `cost` tokens, or none and says false when there are fewer. */
  take(perSecond: number, burst: number, nowMs: number, cost = 1): boolean {
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, nowMs - this.#atMs) / 1000) * perSecond);
    this.#atMs = nowMs;
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }
}
