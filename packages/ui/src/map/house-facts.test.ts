import { expect, test } from 'bun:test';
import type { Metric } from '@lovely/api';
import { houseFacts } from './house-facts.ts';

function metric(name: string, value: Metric['value']): Metric {
  return { source: '', name, value, ts: '2026-11-02T10:00:00Z' };
}

test('of several disks the fullest is told, and that it needs a look', () => {
  const facts = houseFacts([metric('disk./.usedPercent', 61), metric('disk./var.usedPercent', 93.4)]);
  expect(facts).toEqual([{ name: 'Disk /var', text: '93.4% used', isHigh: true }]);
});

test('what a gateway doesn’t report is left out', () => {
  expect(houseFacts([])).toEqual([]);
  expect(houseFacts([metric('uptime.seconds', 90_061)])).toEqual([{ name: 'Uptime', text: '1 d 1 h', isHigh: false }]);
});
