import { expect, test } from 'bun:test';
import type { Alert } from '@lovely/api';
import { groupsOf } from './groups.ts';

const alert = (rule: string, deviceId: string): Alert => ({
  id: '',
  deviceId,
  deviceName: '',
  source: '',
  rule,
  severity: 'warning',
  title: `Title of ${rule}`,
  description: '',
  cause: '',
  suggestion: ['Do this', 'Do that'],
  values: {},
  openedAt: '2026-11-22T12:00:00Z',
  closedAt: null,
  count: 1,
});

test('each rule is one group that counts houses, not alerts', () => {
  const groups = groupsOf([alert('disk', 'a'), alert('memory', 'a'), alert('memory', 'b'), alert('disk', 'a')]);
  expect(groups.map(({ rule, devices }) => [rule, devices])).toEqual([
    ['memory', 2],
    ['disk', 1],
  ]);
  expect(groups[0]).toMatchObject({ title: 'Title of memory', suggestion: 'Do this' });
});
