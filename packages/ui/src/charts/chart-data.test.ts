import { expect, test } from 'bun:test';
import type { History, HistorySeries } from '@lovely/api';
import { chartsOf, type LiveSample, type NumberChart, type StateChart } from './chart-data.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const history = (minutes: number[], series: HistorySeries[], toMs = HOUR): History => ({
  from: new Date(0).toISOString(),
  to: new Date(toMs).toISOString(),
  resolution: 'raw',
  stepMs: MINUTE,
  times: minutes.map((minute) => minute * MINUTE),
  series,
});
const gauge = (metric: string, values: (number | null)[], isRate = false): HistorySeries => ({
  metric,
  kind: 'number',
  isRate,
  min: values,
  mean: values,
  max: values,
});
const states = (metric: string, last: (string | boolean | null)[]): HistorySeries => ({
  metric,
  kind: 'state',
  last,
  counts: {},
});
const only = (given: History, live?: LiveSample[]) => chartsOf(given, live)[0] as NumberChart;

test('a step without a value is as the one before, and the line ends where nothing was reported at all', () => {
  const chart = only(history([0, 1, 2, 40, 41], [gauge('load.1m', [1, null, 2, null, 3])], 42 * MINUTE));
  expect(chart.times).toEqual([0, 1, 2, 2 + 1 / MINUTE, 40, 41, 42].map((minute) => minute * MINUTE));
  expect(chart.lines[0]?.mean).toEqual([1, 1, 2, null, null, 3, 3]);
});

test('a rate is drawn from one value to the next, and nothing is made up for the time after the last', () => {
  const chart = only(history([0, 1, 2], [gauge('network.eth0.sentBytes', [null, null, 5], true)], 3 * MINUTE));
  expect(chart.lines[0]).toMatchObject({ label: 'eth0', mean: [undefined, undefined, 5, undefined] });
});

test('metrics of one pattern share a chart, and shares come before the rest', () => {
  const charts = chartsOf(
    history(
      [0, 1],
      [gauge('uptime.seconds', [1, 2]), gauge('disk./.usedPercent', [1, 2]), gauge('disk./var.usedPercent', [3, 4])],
    ),
  ) as NumberChart[];
  expect(charts.map(({ key, lines }) => [key, lines.map(({ label }) => label)])).toEqual([
    ['disk.*.usedPercent', ['/', '/var']],
    ['uptime.seconds', ['']],
  ]);
});

test('spans of a state last until it changes, or until nothing is heard', () => {
  const given = history([0, 5, 10, 50, 55], [states('door.open', [true, null, false, null, true])], 58 * MINUTE);
  const { spans, states: names } = chartsOf(given)[0] as StateChart;
  const inMinutes = spans.map(({ fromMs, toMs, state }) => [fromMs / MINUTE, Math.floor(toMs / MINUTE), state]);
  expect(inMinutes).toEqual([
    [0, 10, 'yes'],
    [10, 10, 'no'],
    [55, 58, 'yes'],
  ]);
  expect(names).toEqual(['no', 'yes']);
});

test('values that came since stand behind the history, and older ones that nobody repeated before it', () => {
  const given = history([50, 59], [gauge('load.1m', [1, 2]), gauge('network.eth0.sentBytes', [1, 2], true)]);
  const charts = chartsOf(given, [
    { metric: 'memory.usedPercent', tsMs: -5, value: 40 },
    { metric: 'load.1m', tsMs: 59 * MINUTE, value: 2 },
    { metric: 'load.1m', tsMs: 61 * MINUTE, value: 7 },
    { metric: 'network.eth0.sentBytes', tsMs: 61 * MINUTE, value: 1e9 },
  ]) as NumberChart[];
  expect(charts.map(({ key, lines }) => [key, lines[0]?.mean])).toEqual([
    ['memory.usedPercent', [40, 40, 40]],
    ['load.1m', [1, 2, 7]],
    ['network.*.sentBytes', [1, 2, undefined]],
  ]);
});

test('without a report nothing is drawn', () => {
  expect(chartsOf(history([], []), [{ metric: 'load.1m', tsMs: -5, value: 40 }])).toEqual([]);
});
