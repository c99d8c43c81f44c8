import { longSpan } from '../format/time.ts';

/** How long a step took: tenths of a second matter where it is short. E.g. "0.4 s", "12 s", "3 min". */
export function stepSpan(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toLocaleString('en', { maximumFractionDigits: 1 })} s` : longSpan(ms);
}
