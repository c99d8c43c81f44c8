import { expect, test } from 'bun:test';
import type { FeedEvent } from '@lovely/protocol';
import type { QueryKey } from '@tanstack/react-query';
import { keys } from '../api.ts';
import { Outdated, outdatedKeys } from './feed.ts';

const event = (kind: FeedEvent['kind'], deviceId = 'd1'): FeedEvent => ({ kind, deviceId, ts: 0 });

test('a status report makes only the values of that device and its sensors outdated', () => {
  expect(outdatedKeys([event('status'), event('status')])).toEqual([keys.deviceStatus('d1'), keys.deviceSensors('d1')]);
});

test('an alert makes its device, the lists and the fleet outdated, each once', () => {
  const outdated = outdatedKeys([event('alert'), event('presence'), event('alert')]);
  expect(outdated).toHaveLength(6);
  for (const key of [keys.alerts, keys.incidents, keys.device('d1'), keys.devices, keys.fleet, keys.map])
    expect(outdated).toContainEqual([...key]);
});

test('a run of a fix makes runs and what fixes achieved outdated, rollouts only for one of theirs', () => {
  expect(outdatedKeys([event('fix-run')])).toEqual([keys.fixRuns, keys.fixes]);
  expect(outdatedKeys([{ ...event('fix-run'), rolloutId: 'r1' }])).toContainEqual([...keys.fixRollouts]);
});

test('a change of a deployment makes it, the lists and the sensors of the house outdated, not other deployments', () => {
  const outdated = outdatedKeys([{ ...event('deployment'), deploymentId: 'p1' }]);
  expect(outdated).toEqual([[...keys.deploymentLists], [...keys.deployment('p1')], [...keys.deviceSensors('d1')]]);
  expect(outdatedKeys([event('software')])).toEqual([[...keys.software], [...keys.deviceSoftware('d1')]]);
});

test('presence leaves alerts alone', () => {
  expect(outdatedKeys([event('presence')])).not.toContainEqual([...keys.alerts]);
});

test('the first change is passed on at once, those that follow together', async () => {
  const batches: QueryKey[][] = [];
  const second = Promise.withResolvers<void>();
  const outdated = new Outdated(20, (batch) => {
    batches.push(batch);
    if (batches.length === 2) second.resolve();
  });
  outdated.add([['a']]);
  expect(batches).toEqual([[['a']]]);
  outdated.add([['b']]);
  outdated.add([['b'], ['c']]);
  expect(batches).toHaveLength(1);
  await second.promise;
  expect(batches[1]).toEqual([['b'], ['c']]);
  outdated.close();
});
