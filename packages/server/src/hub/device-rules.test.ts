import { expect, test } from 'bun:test';
import { DEFAULT_RULES } from '../domain/default-rules.ts';
import type { Rule } from '../domain/rule.ts';
import { createDeviceRules } from './device-rules.ts';

const FRESH_MS = 30_000;

test('rules are read once for all who ask within a while, and then afresh', async () => {
  let nowMs = 0;
  let reads = 0;
  const rulesOf = createDeviceRules(
    () => Promise.resolve(++reads === 1 ? [...DEFAULT_RULES] : []),
    () => nowMs,
  );
  const [one, other] = await Promise.all([rulesOf('a'), rulesOf('a')]);
  expect([reads, other]).toEqual([1, one]);
  nowMs = FRESH_MS;
  expect((await rulesOf('a')).rules).toEqual([]);
});

test('while rules can not be read the last known ones go on; without any the caller is told', async () => {
  let nowMs = 0;
  let answer: Promise<Rule[]> = Promise.reject(new Error('the database is away'));
  const rulesOf = createDeviceRules(
    () => answer,
    () => nowMs,
  );
  expect(await rulesOf('a').catch((error: Error) => error.message)).toBe('the database is away');
  answer = Promise.resolve([...DEFAULT_RULES]);
  const known = await rulesOf('a');
  for (let turn = 0; turn < 3; turn++) {
    nowMs += FRESH_MS;
    answer = Promise.reject(new Error('the database is away'));
    expect(await rulesOf('a')).toEqual(known);
  }
  answer = Promise.resolve([]);
  expect((await rulesOf('a')).rules).toEqual([]);
});
