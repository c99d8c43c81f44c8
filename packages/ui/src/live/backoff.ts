/** Waits before each try to connect again: capped exponential growth with full jitter. */
export function* backoff(firstMs: number, maxMs: number, random: () => number): Generator<number, never> {
  for (let ceilingMs = firstMs; ; ceilingMs = Math.min(ceilingMs * 2, maxMs)) yield Math.round(random() * ceilingMs);
}
