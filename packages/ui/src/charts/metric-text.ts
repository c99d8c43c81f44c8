/** Values of metrics in words, by the unit that the catalogue knows. */
import { METRIC_UNITS, type MetricUnit } from '@lovely/api';
import { bytes, decimal } from '../format/number.ts';
import { longSpan } from '../format/time.ts';

/** E.g. "41.2 %", "1.5 GiB/s", "3 h 20 min"; `isRate` where the value is a change per second. */
export function metricText(value: number, unit: MetricUnit, isRate: boolean): string {
  const perSecond = isRate ? '/s' : '';
  const [sign, size] = value < 0 ? ['−', -value] : ['', value];
  if (unit === 'bytes') return sign + bytes(size) + perSecond;
  if (unit === 'seconds' && !isRate)
    return sign + (size < 10 ? `${decimal(size)} s` : longSpan(size * 1000).replace(/ 0 \w+$/, ''));
  const { symbol } = METRIC_UNITS[unit];
  return symbol === '' ? decimal(value) + perSecond : `${decimal(value)} ${symbol}${perSecond}`;
}

/** Where a unit goes on in other steps than ten, the distances of marks that are round in it. */
export function marksOf(unit: MetricUnit): readonly number[] | undefined {
  return unit === 'bytes' ? BYTES : unit === 'seconds' ? SECONDS : undefined;
}

const BYTES = [0, 1, 2, 3, 4, 5].flatMap((power) =>
  [1, 2, 5, 10, 20, 50, 100, 200, 500].map((part) => part * 1024 ** power),
);
const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];
const SECONDS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20].concat(
  [1, 2, 5, 10, 30].map((minutes) => minutes * MINUTE),
  [1, 2, 6, 12].map((hours) => hours * HOUR),
  [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].map((days) => days * DAY),
);
