import { expect, test } from 'bun:test';
import type { UpdateState } from '@lovely/protocol';
import { aborted, granted, released, told, type House } from './deployment-house.ts';
import { hear } from './deployment-report.ts';
import { deploymentOptions } from '@lovely/api';
import { TestRollout } from './test-rollout.ts';

const NOW_MS = Date.UTC(2026, 10, 23);
const [pending] = new TestRollout(1, deploymentOptions.parse({}), NOW_MS, Math.random).houses as [House];
const offered = told(
  granted(pending, { artifactId: 'a', bytes: 1000, phase: 0 }, NOW_MS),
  { epoch: 1, linkUntilMs: NOW_MS + 1, pauses: [], lookMs: NOW_MS },
  NOW_MS,
);
const say = (house: House, state: UpdateState | '', substate = '', more: object = {}, retries = 0) =>
  hear(house, { state, substate, atMs: NOW_MS, ...more }, retries, NOW_MS, 0.5);
const after = (states: readonly (readonly [UpdateState | '', string?])[], retries = 0): House =>
  states.reduce(
    (house, [state, substate], at) => say(house, state, substate, { atMs: NOW_MS + at }, retries).house,
    offered,
  );

test('the order of Mender’s client is taken as it comes: rebooting before a commit, installing after it', () => {
  const house = after([
    ['downloading', 'Executing script: Sync_Leave_00'],
    ['downloading'],
    ['installing'],
    ['rebooting', 'Executing script: ArtifactCommit_Enter_00'],
    ['installing'],
    ['success'],
  ]);
  expect(house).toMatchObject({ state: 'success', downloaded: 1000, finishedMs: NOW_MS });
});

test('a failure with a substate is not over yet, and an empty state tells a substate only', () => {
  const going = after([
    ['installing'],
    ['failure', 'Executing script: ArtifactRollback_Enter_00'],
    ['', 'Executing script: ArtifactFailure_Enter_00'],
  ]);
  expect(going).toMatchObject({
    state: 'installing',
    finishedMs: null,
    substate: 'Executing script: ArtifactFailure_Enter_00',
  });
  expect(say(going, 'failure', '', { isRolledBack: true }).house).toMatchObject({
    state: 'failure',
    isRolledBack: true,
    causeCode: 'unknown',
    causeStep: 'installing',
  });
});

test('an older word that comes later does not take it back, but an end is an end', () => {
  const house = after([['downloading'], ['installing']]);
  expect(say(house, 'downloading', '', { atMs: NOW_MS - 1 }).house.state).toBe('installing');
  expect(say(house, 'success', '', { atMs: NOW_MS - 1 }).house.state).toBe('success');
});

test('the first cause counts, and what is said of an earlier attempt changes nothing', () => {
  const cause = { code: 'no-space', step: 'Download', message: 'full' };
  const failing = say(offered, 'failure', 'Cleanup', { cause }).house;
  const tried = say(failing, 'failure', '', { cause: { ...cause, code: 'module-failed' } }, 1);
  expect(tried).toMatchObject({ end: 'retry', house: { state: 'pending', attempt: 2, causeCode: 'no-space' } });
  const late = say(tried.house, 'success', '', { attempt: 1 });
  expect(late).toMatchObject({ outcome: 'stored', house: { state: 'pending', attempt: 2 } });
  // Mender's client names no attempt: the one that it can mean is over.
  expect(say(tried.house, 'failure')).toMatchObject({ outcome: 'stored', house: { attempt: 2, state: 'pending' } });
  expect(say(tried.house, 'success', '', { attempt: 2 }).outcome).toBe('unknown');
});

test('what can not be helped by trying again is not tried again', () => {
  const cause = { code: 'bad-signature', step: 'Download', message: '' };
  expect(say(offered, 'failure', '', { cause }, 5)).toMatchObject({ end: 'failure', house: { state: 'failure' } });
});

test('a house that began although its turn was taken back has it again', () => {
  const back = released(offered, 'The gateway does not answer.', NOW_MS + 1000);
  expect(say(back, 'downloading').house).toMatchObject({ state: 'downloading', grantedMs: NOW_MS, phase: 0 });
});

test('after an abort it is told to stop, until it has', () => {
  const ended = aborted(after([['installing']]), 'Ended.', NOW_MS);
  expect(ended.tellsAbort).toBe(true);
  const going = say(ended, 'installing', 'still');
  expect(going).toMatchObject({ outcome: 'aborted', house: { state: 'aborted', tellsAbort: true } });
  expect(say(going.house, 'failure', '', { isRolledBack: true })).toMatchObject({
    outcome: 'aborted',
    house: { state: 'aborted', tellsAbort: false, isRolledBack: true },
  });
  expect(say(going.house, 'success').house.causeMessage).toMatch(/is installed/);
});

test('a house that was given up and comes back right is right', () => {
  const lost: House = { ...after([['installing']]), state: 'failure', causeCode: 'lost', finishedMs: NOW_MS };
  expect(say(lost, 'success').house).toMatchObject({ state: 'success', causeCode: null });
  expect(say({ ...lost, causeCode: 'no-space' }, 'success').house.state).toBe('failure');
});

test('who was never offered anything has nothing to say', () => {
  expect(say(pending, 'success').outcome).toBe('unknown');
  expect(say(offered, 'success', '', { attempt: 7 }).outcome).toBe('unknown');
  expect(say(aborted(pending, 'Ended.', NOW_MS), 'downloading').outcome).toBe('aborted');
});
