import { expect, test } from 'bun:test';
import type { Metric } from '@lovely/api';
import { sources, vitalGroups } from './vitals.ts';

const metric = (name: string, value: Metric['value'], source = ''): Metric => ({
  source,
  name,
  value,
  ts: '2026-11-22T12:00:00Z',
});

const rows = (metrics: Metric[], source = '') =>
  vitalGroups(metrics, source).map(({ title, vitals }) => [
    title,
    vitals.map(({ label, text }) => `${label}: ${text}`),
  ]);

test('values are grouped by the first part of their name and written by its last', () => {
  expect(
    rows([
      metric('uptime.seconds', 41 * 86_400 + 6 * 3600),
      metric('temperature.cpu.celsius', 51.44),
      metric('load.1m', 0.42),
      metric('network.eth0.receivedBytesPerSecond', 18_233),
      metric('services.failed', 0),
    ]),
  ).toEqual([
    ['Load', ['1m: 0.42']],
    ['Temperature', ['cpu: 51.4 °C']],
    ['Network', ['eth0 received: 17.8 KiB/s']],
    ['Uptime', [': 41 d 6 h']],
    ['Services', ['failed: 0']],
  ]);
});

test('a share takes what is free along, and mount points keep their names', () => {
  const [disks] = vitalGroups(
    [
      metric('disk./var/log.usedPercent', 93.2),
      metric('disk./var/log.availableBytes', 21e9),
      metric('disk./.usedPercent', 38.2),
    ],
    '',
  );
  expect(disks?.vitals).toMatchObject([
    { label: '/ used', text: '38.2%', percent: 38.2, detail: null },
    { label: '/var/log', text: '93.2%', percent: 93.2, detail: '19.6 GiB free' },
  ]);
});

test('a share outside of 0 to 100 does not break its bar', () => {
  expect(vitalGroups([metric('memory.usedPercent', 140)], '')[0]?.vitals[0]).toMatchObject({
    text: '140%',
    percent: 100,
  });
});

test('values nobody has heard of are shown as they are', () => {
  expect(
    rows([metric('mode', 'eco', 'oven'), metric('on', true, 'oven'), metric('powerWatts', 231.4, 'oven')], 'oven'),
  ).toEqual([['Other values', ['mode: eco', 'on: yes', 'power: 231 W']]]);
});

test('the gateway itself is not among the sensors', () => {
  expect(sources([metric('load.1m', 1), metric('on', true, 'b'), metric('on', true, 'a')])).toEqual(['a', 'b']);
});
