import { expect, test } from 'bun:test';
import type { DeploymentCounts } from '@lovely/api';
import { deviceStateText, filterOfPart, partsOf, throughOf } from './deployment-states.ts';

const counts: DeploymentCounts = {
  houses: 100,
  pending: 50,
  downloading: 10,
  pause_before_installing: 1,
  installing: 4,
  pause_before_rebooting: 1,
  rebooting: 3,
  pause_before_committing: 0,
  success: 20,
  failure: 6,
  'already-installed': 2,
  noartifact: 2,
  aborted: 1,
  decommissioned: 0,
};

test('every house is in one part of the bar, those that were rolled back in their own', () => {
  const parts = partsOf(counts, 4);
  expect(parts.reduce((sum, { amount }) => sum + amount, 0)).toBe(100);
  const amounts = Object.fromEntries(parts.map(({ key, amount }) => [key, amount]));
  expect(amounts).toMatchObject({ 'rolled-back': 4, failure: 2, paused: 2, pending: 50 });
});

test('houses are through whatever came of it', () => {
  expect(throughOf(counts)).toBe(31);
});

test('the parts of the bar can be asked for, anything else is all houses', () => {
  for (const { key } of partsOf(counts)) expect(filterOfPart(key)).not.toEqual({});
  expect(filterOfPart('constructor')).toEqual({});
  expect(filterOfPart(undefined)).toEqual({});
});

test('a house that failed and has its old software again is told as such', () => {
  expect(deviceStateText({ state: 'failure', percent: null, isRolledBack: true })).toBe('Rolled back');
  expect(deviceStateText({ state: 'installing', percent: 45, isRolledBack: null })).toBe('Installing 45%');
  expect(deviceStateText({ state: 'success', percent: 100, isRolledBack: null })).toBe('Done');
});
