/** Counts requests by key in token buckets: so many at once, and so many a second on average. Bounded in memory. */

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface Taken {
  readonly isAllowed: boolean;
  /** Requests that may follow at once. */
  readonly remaining: number;
  /** Until the next request is allowed, if this one wasn't. */
  readonly retryAfterSeconds: number;
  /** Until all of `burst` may come at once again. */
  readonly fullAfterSeconds: number;
}

export interface RequestRate {
  /** Counts one request. */
  take(key: string): Taken;
  /** Whether the next one would be refused. */
  isSpent(key: string): boolean;
  readonly size: number;
}

/**
 * @param keysMax when there are more, the key that was quiet for longest is forgotten, whose bucket is the likeliest to
 *   be full again: who is forgotten gains nothing but that
 */
export function createRequestRate({ perSecond, burst }: Rate, keysMax: number, nowMs: () => number): RequestRate {
  /** The one that was quiet for longest first. */
  const buckets = new Map<string, { tokens: number; atMs: number }>();

  function fill(key: string): { tokens: number; atMs: number } {
    const now = nowMs();
    const known = buckets.get(key);
    if (!known) return { tokens: burst, atMs: now };
    const seconds = Math.max(0, now - known.atMs) / 1000;
    return { tokens: Math.min(burst, known.tokens + seconds * perSecond), atMs: now };
  }

  return {
    take(key) {
      const bucket = fill(key);
      const isAllowed = bucket.tokens >= 1;
      if (isAllowed) bucket.tokens--;
      buckets.delete(key);
      if (buckets.size >= keysMax) for (const oldest of buckets.keys()) if (buckets.delete(oldest)) break;
      buckets.set(key, bucket);
      return {
        isAllowed,
        remaining: Math.floor(bucket.tokens),
        retryAfterSeconds: Math.ceil(Math.max(0, 1 - bucket.tokens) / perSecond),
        fullAfterSeconds: Math.ceil((burst - bucket.tokens) / perSecond),
      };
    },
    isSpent: (key) => fill(key).tokens < 1,
    get size() {
      return buckets.size;
    },
  };
}
