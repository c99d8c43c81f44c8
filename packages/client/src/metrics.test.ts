import { expect, test } from 'bun:test';
import { matchMetric } from '@lovely/protocol';
import { isNews, METRICS } from './metrics.ts';

test.each([
  ['disk.*.usedPercent', 'disk./.usedPercent', '/'],
  ['disk.*.usedPercent', 'disk./mnt/a.b.usedPercent', '/mnt/a.b'],
  ['disk.*.usedPercent', 'disk..usedPercent', undefined],
  ['disk.*.usedPercent', 'disk./.availableBytes', undefined],
  ['temperature.*', 'temperature.cpu.celsius', 'cpu.celsius'],
  ['load.1m', 'load.1m', ''],
  ['load.1m', 'load.15m', undefined],
])('in %p the star stands for %p as %p', (pattern, metric, star) => {
  expect(matchMetric(pattern, metric)).toBe(star);
});

test('a small change is no news, one over the threshold is', () => {
  expect(isNews('disk./.usedPercent', 50, 50.9)).toBe(false);
  expect(isNews('disk./.usedPercent', 50, 51)).toBe(true);
  expect(isNews('disk./.usedPercent', 50, 49)).toBe(true);
  expect(isNews('memory.availableBytes', 1000, 1199)).toBe(false);
  expect(isNews('memory.availableBytes', 1000, 1200)).toBe(true);
});

test('counters that always move are no news, but for the first time', () => {
  expect(isNews('uptime.seconds', 1, 1e9)).toBe(false);
  expect(isNews('uptime.seconds', undefined, 1)).toBe(true);
});

test("a metric that the catalogue doesn't know is news with every change", () => {
  expect(isNews('sensor.door', 'open', 'closed')).toBe(true);
  expect(isNews('sensor.door', 'open', 'open')).toBe(false);
});

test('every pattern of the catalogue stands once', () => {
  expect(new Set(METRICS.map(({ pattern }) => pattern)).size).toBe(METRICS.length);
});
