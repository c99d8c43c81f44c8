import { expect, test } from 'bun:test';
import { measured } from './measured.ts';

test('the value is told by the name of its metric, with its unit, and not twice', () => {
  expect(
    measured({ mount: '/var', value: 96.1, metric: 'disk./var.usedPercent', usedPercent: 96.1, availableBytes: 1024 }),
  ).toEqual([
    { name: 'Disk in use', value: '96.1%' },
    { name: 'Mount', value: '/var' },
    { name: 'Available', value: '1 KiB' },
  ]);
});

test('values without a metric are told as they are', () => {
  expect(measured({ unit: 'nginx', value: 3 })).toEqual([
    { name: 'Unit', value: 'nginx' },
    { name: 'Value', value: '3' },
  ]);
});
