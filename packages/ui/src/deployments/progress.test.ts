import { expect, test } from 'bun:test';
import type { DeploymentPhase } from '@lovely/api';
import { progressOf } from './progress.ts';

const MINUTE_MS = 60_000;
const phase = (part: Partial<DeploymentPhase>): DeploymentPhase => ({
  end: 10,
  pauseMs: 0,
  waitsForPerson: false,
  state: 'running',
  begun: 0,
  active: 0,
  succeeded: 0,
  failed: 0,
  startedAt: null,
  overAt: null,
  ...part,
});
const startedAt = new Date(0).toISOString();

test('rate and time left are those of the phase that runs', () => {
  const phases = [phase({ end: 10, state: 'over' }), phase({ end: 110, succeeded: 30, failed: 10, startedAt })];
  const progress = progressOf({ state: 'running', phase: 1, phases, waitsFor: null }, 4 * MINUTE_MS);
  expect(progress).toEqual({ perMinute: 10, left: 60, leftMs: 6 * MINUTE_MS });
});

test('nothing is reckoned while it waits, is paused, or nothing is through', () => {
  const phases = [phase({ succeeded: 5, startedAt })];
  const now = 4 * MINUTE_MS;
  expect(progressOf({ state: 'paused', phase: 0, phases, waitsFor: null }, now)).toBeUndefined();
  expect(progressOf({ state: 'running', phase: 0, phases, waitsFor: 'person' }, now)).toBeUndefined();
  expect(
    progressOf({ state: 'running', phase: 0, phases: [phase({ startedAt })], waitsFor: null }, now),
  ).toBeUndefined();
  expect(progressOf({ state: 'running', phase: 0, phases: [], waitsFor: null }, now)).toBeUndefined();
});
