/** How long to wait between attempts, as an endless iterable of milliseconds. Randomness is passed in. */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  readonly factor: number;
  /** The share of each interval that is not random: 0 is full jitter, which spreads a returning fleet best. */
  readonly steadyShare: number;
  /** Returns a number from 0 to below 1, like Math.random. */
  readonly random: () => number;
}

export function* backoff({ firstMs, maxMs, factor, steadyShare, random }: BackoffOptions): Generator<number, never> {
  for (let capMs = firstMs; ; capMs = Math.min(maxMs, capMs * factor)) {
    yield Math.round(capMs * (steadyShare + (1 - steadyShare) * random()));
  }
}
