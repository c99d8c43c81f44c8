/**
 * Epochs order the connections of one device in time, across hubs and restarts: milliseconds since 1970 times 1024, plus
 * a counter that separates connections of the same millisecond. Below 2^53 until the year 2248.
 */
const STEPS_PER_MS = 1024;
/** A device may remember an epoch from a hub whose clock ran ahead; a claim beyond this is not believed. */
const AHEAD_MS_MAX = 24 * 3600 * 1000;

/** Makes epochs that rise with every call and with the clock. */
export function createEpochs(nowMs: () => number): { next(): number; after(claimed: number): number | undefined } {
  let last = 0;
  const next = (): number => (last = Math.max(last + 1, nowMs() * STEPS_PER_MS));
  return {
    next,
    /** The epoch to take when a device has already seen `claimed`; undefined when that can't be true. */
    after: (claimed) => (claimed < (nowMs() + AHEAD_MS_MAX) * STEPS_PER_MS ? Math.max(claimed + 1, next()) : undefined),
  };
}
