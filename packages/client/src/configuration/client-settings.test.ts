import { expect, test } from 'bun:test';
import { ManualClock } from '../../test/manual-clock.ts';
import { ClientSettings } from './client-settings.ts';

const settings = (): ClientSettings =>
  new ClientSettings({ sampleIntervalMs: 5000, fullReportIntervalMs: 900_000, shellsMax: 4, shellsPerUserMax: 2 });

test('keys of the client count at once, and the owner’s settings come back without them', () => {
  const own = settings();
  const changes: number[] = [];
  own.listen(() => changes.push(own.current.sampleIntervalMs));
  expect(own.apply({ 'client/sampleIntervalMs': 200, 'client/heartbeatMs': 1000, limit: 3 })).toEqual([]);
  expect(own.current).toMatchObject({ sampleIntervalMs: 200, heartbeatMs: 1000, reportBatchMs: 10_000 });
  own.apply({ 'client/sampleIntervalMs': 200, 'client/heartbeatMs': 1000 });
  own.apply({});
  expect(own.current).toMatchObject({ sampleIntervalMs: 5000, heartbeatMs: undefined });
  expect(changes).toEqual([200, 5000]);
});

test('what it does not know, what is out of range, and more than the owner allows is told and not taken', () => {
  const own = settings();
  const problems = own.apply({
    'client/sampleIntervalMs': 1,
    'client/heartbeatMs': 'often',
    'client/toString': 1,
    'client/shellsMax': 5,
    'client/shellsPerUserMax': 1,
  });
  expect(problems.map(({ key }) => key)).toEqual([
    'client/sampleIntervalMs',
    'client/heartbeatMs',
    'client/toString',
    'client/shellsMax',
  ]);
  expect(own.current).toMatchObject({ sampleIntervalMs: 5000, shellsMax: 4, shellsPerUserMax: 1 });
});

test('a pause ends when its setting changes, and not for another', async () => {
  const own = settings();
  const clock = new ManualClock();
  const pause = own.pause('sampleIntervalMs', clock, new AbortController().signal);
  own.apply({ 'client/shellsMax': 1 });
  expect(clock.waitsMs).toEqual([5000]);
  own.apply({ 'client/sampleIntervalMs': 100 });
  await pause;
  expect(clock.waitsMs).toEqual([]);
});
