/** What the address says of the charts of a house: which time they show, and of which source. */
import { z } from 'zod';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Ranges that end now. */
export const RANGES = {
  '1h': { label: '1 h', ms: 60 * MINUTE_MS },
  '24h': { label: '24 h', ms: DAY_MS },
  '7d': { label: '7 d', ms: 7 * DAY_MS },
  '30d': { label: '30 d', ms: 30 * DAY_MS },
} as const;
export type RangeName = keyof typeof RANGES;

const RANGE_NAMES = Object.keys(RANGES) as RangeName[];
const RANGE_DEFAULT: RangeName = '24h';
/** Closer than this there is nothing more to see. */
export const RANGE_MS_MIN = MINUTE_MS;

const timeMs = z.number().int().min(0).max(8.64e15).optional().catch(undefined);

export const chartsSearch = z.object({
  range: z.enum(RANGE_NAMES).optional().catch(undefined),
  /** A range of one's own, in milliseconds since 1970; it wins over `range`. */
  from: timeMs,
  to: timeMs,
  /** A sensor's id; the gateway without it. */
  source: z.string().min(1).optional().catch(undefined),
});
export type ChartsSearch = z.infer<typeof chartsSearch>;

export type ChartRange =
  | { readonly kind: 'last'; readonly name: RangeName }
  | { readonly kind: 'own'; readonly fromMs: number; readonly toMs: number };

/** A range of one's own that is none counts as if it were not there. */
export function rangeOf({ range, from, to }: ChartsSearch): ChartRange {
  if (from !== undefined && to !== undefined && to - from >= RANGE_MS_MIN)
    return { kind: 'own', fromMs: from, toMs: to };
  return { kind: 'last', name: range ?? RANGE_DEFAULT };
}
