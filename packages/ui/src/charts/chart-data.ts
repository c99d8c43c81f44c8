/**
 * What is drawn of a history. Gateways report what changed, so a step without a value of a metric means that it was as
 * before, as long as the source reported anything at all; where nothing came for longer, the line ends.
 */
import { describeMetric, starOf, type History, type HistorySeries, type MetricDescription } from '@lovely/api';

/** A full report comes every 15 minutes; after this long without any, the source was away. */
export const SILENCE_MS = 20 * 60_000;

/** Null where the line is cut, undefined where it goes on to the next value. */
export type Points = readonly (number | null | undefined)[];

export interface ChartLine {
  /** What tells it from the other lines of its chart: a mount point, an interface; '' for the only one. */
  readonly label: string;
  readonly mean: Points;
  readonly min: Points;
  readonly max: Points;
}

export interface NumberChart {
  readonly kind: 'number';
  readonly key: string;
  readonly metric: MetricDescription;
  readonly isRate: boolean;
  readonly times: readonly number[];
  readonly lines: readonly ChartLine[];
}

export interface StateSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly state: string;
}

export interface StateChart {
  readonly kind: 'state';
  readonly key: string;
  readonly metric: MetricDescription;
  readonly spans: readonly StateSpan[];
  /** Those that occur, by name. */
  readonly states: readonly string[];
}

export type Chart = NumberChart | StateChart;

/** A value that came after the history was asked for. */
export interface LiveSample {
  readonly metric: string;
  readonly tsMs: number;
  readonly value: string | number | boolean;
}

/** Charts in the order of the catalogue, metrics of one pattern together; `live` is sorted by time. */
export function chartsOf(history: History, live: readonly LiveSample[] = []): Chart[] {
  const toMs = Math.max(Date.parse(history.to), live.at(-1)?.tsMs ?? 0);
  const extended = withLive(history, live);
  const axis = axisOf(extended.times, Math.max(SILENCE_MS, 2 * history.stepMs), toMs);
  const groups = Map.groupBy(extended.series, (series) => `${describeMetric(series.metric).pattern} ${series.kind}`);
  return [...groups.values()].flatMap((series) => chartOf(series, axis)).toSorted((a, b) => rank(a) - rank(b));
}

/** Where on the axis each step is, and after which the source was silent. */
interface Axis {
  readonly times: readonly number[];
  /** The step of the history that is shown there; null in a silence. */
  readonly steps: readonly (number | null)[];
}

function axisOf(times: readonly number[], silenceMs: number, toMs: number): Axis {
  const axis = { times: [] as number[], steps: [] as (number | null)[] };
  const add = (time: number, step: number | null): void => {
    axis.times.push(time);
    axis.steps.push(step);
  };
  for (const [step, time] of times.entries()) {
    const before = times[step - 1];
    if (before !== undefined && time - before > silenceMs) add(before + 1, null);
    add(time, step);
  }
  const last = times.at(-1);
  // What was so at the last report is so until now.
  if (last !== undefined && last < toMs && toMs - last <= silenceMs) add(toMs, times.length - 1);
  return axis;
}

function chartOf(series: readonly HistorySeries[], axis: Axis): Chart[] {
  const metric = describeMetric(series[0]!.metric);
  const numbers = series.filter((one) => one.kind === 'number');
  const states = series.filter((one) => one.kind === 'state');
  const charts: Chart[] = states.map((one) => {
    const spans = spansOf(one.last, axis);
    const names = [...new Set(spans.map(({ state }) => state))].toSorted();
    return { kind: 'state', key: one.metric, metric: { ...metric, title: titleOf(one.metric) }, spans, states: names };
  });
  if (numbers.length === 0) return charts;
  return [
    ...charts,
    {
      kind: 'number',
      key: metric.pattern,
      metric,
      isRate: numbers[0]!.isRate,
      times: axis.times,
      lines: numbers.map((one) => ({
        label: starOf(metric.pattern, one.metric) ?? '',
        mean: carried(one.mean, axis, one.isRate),
        min: carried(one.min, axis, one.isRate, one.mean),
        max: carried(one.max, axis, one.isRate, one.mean),
      })),
    },
  ];
}

/** With the star of its pattern, as several states never share a chart. */
function titleOf(name: string): string {
  const { pattern, title } = describeMetric(name);
  const star = starOf(pattern, name);
  return star ? `${title}, ${star}` : title;
}

/**
 * Values along the axis, the last one where there is none; a rate has no last one, its line goes on to the next.
 * @param means what is carried on of a minimum or maximum: its step is over, the value is what it was on the whole
 */
function carried(
  values: readonly (number | null)[],
  { steps }: Axis,
  isRate: boolean,
  means: readonly (number | null)[] = values,
): (number | null | undefined)[] {
  let known: number | null = null;
  let gone = -1;
  return steps.map((step) => {
    if (step === null) return (known = null);
    const value = step === gone ? null : (values[step] ?? null);
    gone = step;
    if (value === null) return isRate ? undefined : known;
    known = means[step] ?? value;
    return value;
  });
}

function spansOf(last: readonly (string | boolean | number | null)[], { times, steps }: Axis): StateSpan[] {
  const spans: { fromMs: number; toMs: number; state: string }[] = [];
  let open: (typeof spans)[number] | undefined;
  for (const [at, time] of times.entries()) {
    const step = steps[at]!;
    if (open) open.toMs = time;
    if (step === null) {
      open = undefined;
      continue;
    }
    const value = last[step];
    if (value === null || value === undefined) continue;
    const state = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
    if (open?.state === state) continue;
    spans.push((open = { fromMs: time, toMs: time, state }));
  }
  return spans.filter(({ fromMs, toMs }) => toMs > fromMs);
}

/** The history with what came since as further steps, and with what has not changed since before it began. */
function withLive(history: History, live: readonly LiveSample[]): Pick<History, 'times' | 'series'> {
  const knownMs = (history.times.at(-1) ?? 0) + history.stepMs - 1;
  const samples = live.filter(({ tsMs }) => tsMs > knownMs);
  const times = [...new Set(samples.map(({ tsMs }) => tsMs))];
  const series = [...history.series, ...unchanged(history, live)].map((one) => {
    const byTime = new Map(
      samples.filter(({ metric }) => metric === one.metric).map((sample) => [sample.tsMs, sample.value]),
    );
    const values = times.map((time) => byTime.get(time) ?? null);
    if (one.kind === 'state') return { ...one, last: [...one.last, ...values] };
    // How fast a counter grows is told by the next answer.
    const numbers = values.map((value) => (typeof value === 'number' && !one.isRate ? value : null));
    return { ...one, mean: [...one.mean, ...numbers], min: [...one.min, ...numbers], max: [...one.max, ...numbers] };
  });
  return { times: [...history.times, ...times], series };
}

/** Metrics that were reported before the range and not in it: they were throughout what they are. */
function unchanged({ from, times, series }: History, live: readonly LiveSample[]): HistorySeries[] {
  if (times.length === 0) return [];
  const known = new Set(series.map(({ metric }) => metric));
  const firstOnly = <T>(value: T): (T | null)[] => times.map((_, at) => (at === 0 ? value : null));
  return live.flatMap(({ metric, tsMs, value }): HistorySeries[] => {
    if (known.has(metric) || tsMs >= Date.parse(from) || describeMetric(metric).kind === 'counter') return [];
    known.add(metric);
    if (typeof value !== 'number') return [{ metric, kind: 'state', last: firstOnly(value), counts: {} }];
    const values = firstOnly(value);
    return [{ metric, kind: 'number', isRate: false, mean: values, min: values, max: values }];
  });
}

/** The most telling first: shares and temperatures, then other numbers, then states. */
function rank({ kind, metric }: Chart): number {
  if (kind === 'state') return 3;
  if (metric.unit === 'percent' || metric.unit === 'celsius' || metric.unit === 'watts') return 0;
  return metric.unit === 'seconds' || metric.unit === 'messages' ? 2 : 1;
}
