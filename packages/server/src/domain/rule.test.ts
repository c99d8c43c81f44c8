import { expect, test } from 'bun:test';
import { alertRules, ruleFrames, RULES_MAX } from '@lovely/protocol';
import { ruleDraft } from '@lovely/api';
import { CLONE_RULE, CONFIGURATION_RULE, DEFAULT_RULES, OFFLINE_RULE } from './default-rules.ts';
import { deviceRule, fillTemplate } from './rule.ts';

const OF_THE_SERVER = [OFFLINE_RULE, CLONE_RULE, CONFIGURATION_RULE];

const told = DEFAULT_RULES.map((rule) => deviceRule({ ...rule, version: 1 })).filter((rule) => rule !== undefined);

test('a device is told every rule but those that the server raises', () => {
  expect(told.map((rule) => rule.key)).toEqual(
    DEFAULT_RULES.map((rule) => rule.key).filter((key) => !OF_THE_SERVER.includes(key)),
  );
});

test('what a device is told is messages of the protocol', () => {
  expect(told.length).toBeLessThanOrEqual(RULES_MAX);
  expect(ruleFrames('1', told).flatMap((frame) => alertRules.read(frame).body)).toEqual(told);
});

test('a default rule is one that a person could write', () => {
  for (const { key, ...rule } of DEFAULT_RULES) expect({ key, ...ruleDraft.parse(rule) }).toEqual({ key, ...rule });
});

test('a rule clears on the good side of where it raises, or it would flap', () => {
  for (const { watch } of told)
    if (watch.kind === 'threshold' || watch.kind === 'rate')
      expect(watch.direction === 'above' ? watch.clearAt < watch.raiseAt : watch.clearAt > watch.raiseAt).toBe(true);
});

test('every rule has what a person needs: title, cause and steps', () => {
  for (const { title, cause, suggestion } of DEFAULT_RULES) {
    expect(title).not.toBe('');
    expect(cause).not.toBe('');
    expect(suggestion.length).toBeGreaterThan(0);
  }
});

test('a template is filled with the values at hand, numbers with one digit', () => {
  const values = { usedPercent: 93.26, mount: '/var', full: true };
  expect(fillTemplate('{usedPercent} % of {mount} ({full}) in {room}', values)).toBe('93.3 % of /var (true) in {room}');
});

test('a value is put in as it is: it is no template and no pattern', () => {
  expect(fillTemplate('{a}', { a: '{b} $& $1', b: 'no' })).toBe('{b} $& $1');
});
