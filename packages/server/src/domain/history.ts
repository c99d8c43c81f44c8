/** How rows of history become the steps of a chart, and from which of the tables they are read. */
import { describeMetric, type HistoryResolution, type HistorySeries } from '@lovely/api';

type Scalar = string | number | boolean;

export type StoredValues = { readonly [metric: string]: Scalar };
/** Of a number: how often it was reported, its least, greatest, sum and last, and how long after the beginning that was. */
export type NumberFigures = readonly [
  count: number,
  min: number,
  max: number,
  sum: number,
  last: number,
  lastAfterSeconds: number,
];
/** Of a state: the last, and how often each was reported. */
export interface StateFigures {
  readonly last: string | boolean;
  readonly counts: { readonly [state: string]: number };
}
export type RolledUpValues = { readonly [metric: string]: NumberFigures | StateFigures };

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** How long one row of a table stands for; reports stand for themselves. */
export const RESOLUTION_MS: { readonly [resolution in HistoryResolution]: number } = {
  raw: 1000,
  '5min': 5 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
};

/** For how long each table is kept. */
export type HistoryRetention = { readonly [resolution in HistoryResolution]: number };

export const HISTORY_RETENTION_DAYS: HistoryRetention = { raw: 7, '5min': 90, '1h': 730 };

/** Steps up to this long are made of the table; longer ones of the next coarser. */
const STEP_MS_MAX: { readonly [resolution in HistoryResolution]: number } = {
  raw: MINUTE_MS,
  '5min': 30 * MINUTE_MS,
  '1h': Infinity,
};

export interface HistoryPlan {
  readonly resolution: HistoryResolution;
  readonly stepMs: number;
  /** Whole steps since 1970, so that a chart that moves on keeps the steps that it has. */
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The finest table that has the whole range and doesn't need many more rows than points are wanted.
 * @param coarserThan leaves this table and finer ones out
 */
export function planHistory(
  range: { readonly fromMs: number; readonly toMs: number; readonly points: number },
  nowMs: number,
  retentionDays: HistoryRetention,
  coarserThan?: HistoryResolution,
): HistoryPlan {
  const wantedMs = (range.toMs - range.fromMs) / range.points;
  const finest = coarserThan === undefined ? 0 : RESOLUTIONS.indexOf(coarserThan) + 1;
  const resolution =
    RESOLUTIONS.slice(finest).find(
      (one) => wantedMs <= STEP_MS_MAX[one] && range.fromMs >= nowMs - retentionDays[one] * DAY_MS,
    ) ?? '1h';
  const unitMs = RESOLUTION_MS[resolution];
  const stepMs = Math.max(1, Math.ceil(wantedMs / unitMs)) * unitMs;
  return { resolution, stepMs, fromMs: Math.floor(range.fromMs / stepMs) * stepMs, toMs: range.toMs };
}

/** Finest first. */
const RESOLUTIONS = ['raw', '5min', '1h'] as const;

export function coarserThan(resolution: HistoryResolution): HistoryResolution | undefined {
  return RESOLUTIONS[RESOLUTIONS.indexOf(resolution) + 1];
}

export interface HistoryRow {
  readonly ts: Date;
  readonly values: { readonly [metric: string]: Scalar | NumberFigures | StateFigures | null };
}

/**
 * Makes series of rows that are sorted by time; those before the range only tell where counters stood.
 * Every series has an entry for each of `times`, the steps in which anything was reported.
 */
export function toSeries(
  rows: readonly HistoryRow[],
  { fromMs, stepMs }: HistoryPlan,
): { times: number[]; series: HistorySeries[] } {
  const times: number[] = [];
  const collectors = new Map<string, Collector>();
  for (const { ts, values } of rows) {
    const tsMs = ts.getTime();
    const step = Math.floor(tsMs / stepMs) * stepMs;
    if (tsMs >= fromMs && times.at(-1) !== step) times.push(step);
    for (const metric in values) {
      const value = values[metric];
      if (value === null || value === undefined) continue;
      let collector = collectors.get(metric);
      if (!collector) collectors.set(metric, (collector = collectorOf(metric, value)));
      collector.add(tsMs >= fromMs ? times.length - 1 : undefined, tsMs, value);
    }
  }
  const series = [...collectors.values()]
    .map((collector) => collector.finish(times.length))
    .filter((one) => one !== undefined);
  return { times, series: series.toSorted((a, b) => (a.metric < b.metric ? -1 : 1)) };
}

type Value = Scalar | NumberFigures | StateFigures;

interface Collector {
  /** @param at the place of the step, undefined before the range */
  add(at: number | undefined, tsMs: number, value: Value): void;
  /** Undefined when the metric has no value in the range. */
  finish(length: number): HistorySeries | undefined;
}

/** The first value decides whether it is a number or a state; a metric that changes its mind is what it was. */
function collectorOf(metric: string, value: Value): Collector {
  if (figuresOf(value) === undefined) return stateCollector(metric);
  return describeMetric(metric).kind === 'counter' ? rateCollector(metric) : numberCollector(metric);
}

function numberCollector(metric: string): Collector {
  const steps = new Steps();
  return {
    add(at, _, value) {
      const figures = figuresOf(value);
      if (figures && at !== undefined) steps.add(at, figures);
    },
    finish: (length) => steps.series(metric, false, length),
  };
}

function rateCollector(metric: string): Collector {
  const steps = new Steps();
  const rate = createRate();
  return {
    add(at, tsMs, value) {
      const figures = figuresOf(value);
      if (!figures) return;
      const perSecond = rate(tsMs, figures);
      if (perSecond !== undefined && at !== undefined)
        steps.add(at, [1, perSecond, perSecond, perSecond, perSecond, 0]);
    },
    finish: (length) => steps.series(metric, true, length),
  };
}

/**
 * How fast a counter grew since the time before, per second; undefined for the first. One that started again grew at
 * least by what it shows.
 */
export function createRate(): (tsMs: number, figures: NumberFigures) => number | undefined {
  let before: { tsMs: number; value: number } | undefined;
  return (tsMs, [, min, , , last, lastAfterSeconds]) => {
    const known = before;
    const lastMs = tsMs + lastAfterSeconds * 1000;
    before = { tsMs: lastMs, value: last };
    if (!known || lastMs <= known.tsMs) return undefined;
    const grown = min < known.value ? last : last - known.value;
    return (grown * 1000) / (lastMs - known.tsMs);
  };
}

function stateCollector(metric: string): Collector {
  const last: (string | boolean)[] = [];
  const counts = new Map<string, number>();
  return {
    add(at, _, value) {
      if (at === undefined) return;
      const state = typeof value === 'object' && 'last' in value ? value : stateFigures(value);
      if (!state) return;
      last[at] = state.last;
      for (const [name, count] of Object.entries(state.counts)) counts.set(name, (counts.get(name) ?? 0) + count);
    },
    finish(length) {
      if (last.length === 0) return undefined;
      const lasts = Array.from({ length }, (_, at) => last[at] ?? null);
      return { metric, kind: 'state', last: lasts, counts: Object.fromEntries(counts) };
    },
  };
}

function stateFigures(value: Value): StateFigures | undefined {
  if (typeof value !== 'string' && typeof value !== 'boolean') return undefined;
  return { last: value, counts: { [String(value)]: 1 } };
}

function figuresOf(value: Value): NumberFigures | undefined {
  if (typeof value === 'number') return [1, value, value, value, value, 0];
  return Array.isArray(value) ? (value as unknown as NumberFigures) : undefined;
}

/** Figures of each step. */
class Steps {
  readonly #counts: number[] = [];
  readonly #sums: number[] = [];
  readonly #mins: number[] = [];
  readonly #maxs: number[] = [];

  add(at: number, [count, min, max, sum]: NumberFigures): void {
    const known = this.#counts[at];
    this.#counts[at] = (known ?? 0) + count;
    this.#sums[at] = (this.#sums[at] ?? 0) + sum;
    this.#mins[at] = known === undefined ? min : Math.min(this.#mins[at]!, min);
    this.#maxs[at] = known === undefined ? max : Math.max(this.#maxs[at]!, max);
  }

  series(metric: string, isRate: boolean, length: number): HistorySeries | undefined {
    if (this.#counts.length === 0) return undefined;
    const list = (value: (at: number) => number): (number | null)[] =>
      Array.from({ length }, (_, at) => (this.#counts[at] === undefined ? null : shortest(value(at))));
    return {
      metric,
      kind: 'number',
      isRate,
      min: list((at) => this.#mins[at]!),
      mean: list((at) => this.#sums[at]! / this.#counts[at]!),
      max: list((at) => this.#maxs[at]!),
    };
  }
}

/** Seven digits are more than any chart shows, and a third of the bytes. */
function shortest(value: number): number {
  if (Math.abs(value) >= 1e6) return Math.round(value);
  const scale = 10 ** (6 - Math.floor(Math.log10(Math.abs(value))));
  // Zero, and what is too small to be scaled, stays as it is.
  return Number.isFinite(scale) ? Math.round(value * scale) / scale : value;
}
