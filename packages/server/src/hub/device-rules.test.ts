import { expect, test } from 'bun:test';
import { DEFAULT_RULES } from '../domain/default-rules.ts';
import type { StoredRule } from '../domain/rule.ts';
import { RULES_FRESH_MS } from '../limits.ts';
import { createRuleSets, type RuleSource } from './device-rules.ts';

const RULES: StoredRule[] = DEFAULT_RULES.map((rule) => ({ ...rule, version: 1 }));
const [OF_ALL, OF_SOME, OF_OTHERS] = RULES.filter((rule) => rule.evaluatedBy === 'device') as [
  StoredRule,
  StoredRule,
  StoredRule,
];
const away = (): Promise<never> => Promise.reject(new Error('the database is away'));

function source(parts: Partial<RuleSource>): RuleSource {
  return {
    listRules: () => Promise.resolve(RULES),
    isForAll: () => true,
    rulesByDevice: () => Promise.resolve(new Map()),
    ...parts,
  };
}

test('rules are read once for all who ask within a while, and then afresh', async () => {
  let nowMs = 0;
  let reads = 0;
  const sets = createRuleSets(source({ listRules: () => Promise.resolve(++reads === 1 ? RULES : []) }), () => nowMs);
  const [one, other] = await Promise.all([sets.of('a', '1'), sets.of('a', '2')]);
  expect([reads, other]).toEqual([1, one]);
  nowMs = RULES_FRESH_MS;
  expect((await sets.of('a', '1')).rules).toEqual([]);
});

test('rules that are said to have changed are read again', async () => {
  let reads = 0;
  const sets = createRuleSets(source({ listRules: () => Promise.resolve(++reads === 1 ? RULES : []) }), () => 0);
  await sets.of('a', '1');
  sets.forget('a');
  expect((await sets.of('a', '1')).rules).toEqual([]);
});

test('while rules can not be read the last known ones go on; without any the caller is told', async () => {
  let nowMs = 0;
  let listRules: RuleSource['listRules'] = away;
  const sets = createRuleSets(source({ listRules: (tenant) => listRules(tenant) }), () => nowMs);
  expect(await sets.of('a', '1').catch((error: Error) => error.message)).toBe('the database is away');
  listRules = () => Promise.resolve(RULES);
  const known = await sets.of('a', '1');
  for (let turn = 0; turn < 3; turn++) {
    nowMs += RULES_FRESH_MS;
    listRules = away;
    expect(await sets.of('a', '1')).toEqual(known);
  }
  listRules = () => Promise.resolve([]);
  expect((await sets.of('a', '1')).rules).toEqual([]);
});

test('a device gets the rules for all and those for itself; many are asked for at once', async () => {
  const asked: string[][] = [];
  const sets = createRuleSets(
    source({
      listRules: () => Promise.resolve([OF_ALL, OF_SOME, OF_OTHERS]),
      isForAll: (rule) => rule === OF_ALL,
      rulesByDevice: (_tenant, _rules, deviceIds) => {
        asked.push([...deviceIds]);
        return Promise.resolve(new Map([['1', new Set([OF_SOME.key])]]));
      },
    }),
    () => 0,
  );
  const told = await Promise.all(['1', '2', '3'].map((device) => sets.of('a', device)));
  expect(told.map(({ rules }) => rules.map(({ key }) => key))).toEqual([
    [OF_ALL.key, OF_SOME.key],
    [OF_ALL.key],
    [OF_ALL.key],
  ]);
  expect(told[1]).toBe(told[2]);
  expect(told[0]!.version).not.toBe(told[1]!.version);
  expect(asked).toEqual([['1', '2', '3']]);
  expect([sets.isByDevice('a'), sets.isByDevice('b')]).toEqual([true, false]);
});
