/**
 * Epochs order the connections of one device in time, across hubs and restarts: milliseconds since 1970 times 1024, plus
 * a counter that separates connections of the same millisecond. Below 2^53 until the year 2248.
 */
const STEPS_PER_MS = 1024;
/** A device may remember an epoch from a hub whose clock ran ahead; a claim beyond this is not believed. */
const AHEAD_MS_MAX = 24 * 3600 * 1000;

export interface Epochs {
  next(): number;
  /** The epoch to take when a device has already seen `claimed`; undefined when that can't be true. */
  after(claimed: number): number | undefined;
  /** Takes note of another hub's epoch, so that ours are later even if our clock is behind (Lamport's clock). */
  observe(epoch: number): void;
}

/** Makes epochs that rise with every call and with the clock. */
export function createEpochs(nowMs: () => number): Epochs {
  let last = 0;
  const next = (): number => (last = Math.max(last + 1, nowMs() * STEPS_PER_MS));
  const isPlausible = (epoch: number): boolean => epoch < (nowMs() + AHEAD_MS_MAX) * STEPS_PER_MS;
  return {
    next,
    after: (claimed) => (isPlausible(claimed) ? Math.max(claimed + 1, next()) : undefined),
    observe(epoch) {
      if (isPlausible(epoch)) last = Math.max(last, epoch);
    },
  };
}
