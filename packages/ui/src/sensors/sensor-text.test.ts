import { expect, test } from 'bun:test';
import { kindTitle, mainValue, sensorDetail, sensorName, sensorValues } from './sensor-text.ts';

const at = '2026-11-22T12:00:00Z';

test('the values of a kind we know come in the order of its kind, others after them by name', () => {
  const values = sensorValues({
    kind: 'power-outlet',
    values: { 'zeal.percent': 3, 'power.watts': 1231.4, 'relay.on': true, 'aaa.count': 1 },
    reportedAt: at,
    createdAt: at,
  });
  expect(values.map(({ label, text }) => `${label}: ${text}`)).toEqual([
    'Switched on: yes',
    'Power: 1,231 W',
    'aaa count: 1',
    'zeal: 3%',
  ]);
});

test('a row says whether it is on and its first figure, never a bare yes', () => {
  const sensor = { kind: 'power-outlet', reportedAt: at, createdAt: at };
  expect(mainValue({ ...sensor, values: { 'relay.on': true, 'power.watts': 640 } })).toBe('on, 640 W');
  expect(mainValue({ ...sensor, values: { 'relay.on': false, 'power.watts': 0 } })).toBe('off');
  expect(mainValue({ ...sensor, kind: 'beehive', values: { queen: true, 'weight.kg': 41 } })).toBe('41');
  expect(mainValue({ ...sensor, values: {} })).toBe('');
});

test('a sensor of somebody’s own kind is called by what is known of it', () => {
  expect(kindTitle('beehive')).toBe('beehive');
  expect(sensorName({ name: '', kind: 'beehive', id: 'b1' })).toBe('beehive b1');
  expect(sensorDetail({ kind: 'oven', place: 'Kitchen', model: '', firmware: '' })).toBe('Kitchen · Kitchen oven');
  expect(sensorDetail({ kind: 'oven', place: '', model: 'HB 634', firmware: '2.4.1' })).toBe('HB 634 · 2.4.1');
});
