import { expect, test } from 'bun:test';
import { alertMetric } from './alert-metric.ts';

const threshold = { kind: 'threshold', direction: 'above', raiseAt: 90, clearAt: 85, forMs: 0 } as const;

test('the source of an alert is what the star of its metric stood for', () => {
  expect(
    alertMetric(
      { source: '/var/$&' },
      { of: { kind: 'gateway' }, watch: { ...threshold, metric: 'disk.*.usedPercent' } },
    ),
  ).toEqual({ source: '', name: 'disk./var/$&.usedPercent' });
});

test('on a sensor the source is the sensor', () => {
  const of = { kind: 'sensors' as const, kinds: [], models: [] };
  expect(alertMetric({ source: 'oven-1' }, { of, watch: { ...threshold, metric: 'oven.celsius' } })).toEqual({
    source: 'oven-1',
    name: 'oven.celsius',
  });
});

test('what was not seen by a value has none', () => {
  expect(alertMetric({ source: '' }, { of: { kind: 'gateway' }, watch: { kind: 'clone' } })).toBeUndefined();
});
