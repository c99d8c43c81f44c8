/** Counts attempts by key in a sliding window, so that passwords can't be guessed and endpoints not be flooded. */
import { LovelyError } from '../errors.ts';

const KEYS_MAX = 100_000;
const KEYS_KEPT = 75_000;

export interface Attempts {
  /** Counts one attempt. Throws 'too-many-requests' when there were too many within the window. */
  count(key: string): void;
  /** Forgets the attempts of a key: it proved to be good. */
  forgive(key: string): void;
}

export function createAttempts(max: number, windowMs: number, nowMs: () => number): Attempts {
  /** The oldest window first. */
  const known = new Map<string, { count: number; readonly untilMs: number }>();

  function makeRoom(now: number): void {
    for (const [key, { untilMs }] of known) {
      // Full of live keys means an attack from everywhere: the oldest go, many at once, so that each costs little.
      if (untilMs > now && known.size <= KEYS_KEPT) return;
      known.delete(key);
    }
  }

  return {
    count(key) {
      const now = nowMs();
      const entry = known.get(key);
      if (!entry || entry.untilMs <= now) {
        known.delete(key);
        if (known.size >= KEYS_MAX) makeRoom(now);
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
