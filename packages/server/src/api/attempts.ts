/** Counts attempts by key in a sliding window, so that passwords can't be guessed and endpoints not be flooded. */
import { LovelyError } from '../errors.ts';

const KEYS_MAX = 100_000;

export interface Attempts {
  /** Counts one attempt. Throws 'too-many-requests' when there were too many within the window. */
  count(key: string): void;
  /** Forgets the attempts of a key: it proved to be good. */
  forgive(key: string): void;
}

export function createAttempts(max: number, windowMs: number, nowMs: () => number): Attempts {
  const known = new Map<string, { count: number; untilMs: number }>();

  function sweep(now: number): void {
    for (const [key, entry] of known) if (entry.untilMs <= now) known.delete(key);
    // Still full of live keys: an attack from everywhere. The oldest go, as memory must not.
    for (const key of known.keys()) {
      if (known.size < KEYS_MAX) break;
      known.delete(key);
    }
  }

  return {
    count(key) {
      const now = nowMs();
      const entry = known.get(key);
      if (!entry || entry.untilMs <= now) {
        if (known.size >= KEYS_MAX) sweep(now);
        known.set(key, { count: 1, untilMs: now + windowMs });
        return;
      }
      if (++entry.count > max)
        throw new LovelyError('too-many-requests', undefined, {
          retryAfterSeconds: Math.ceil((entry.untilMs - now) / 1000),
        });
    },
    forgive: (key) => void known.delete(key),
  };
}
