import { expect, test } from 'bun:test';
import { countByRule, inboxGroups } from './inbox-groups.ts';

const incident = {
  id: 'i1',
  title: 'Gateway offline · 5,000 houses around Milan',
  rule: 'gateway-offline',
  severity: 'critical' as const,
  where: 'around Milan',
  suggestion: [],
  houses: 5000,
  housesMax: 5100,
  housesLastHour: 34,
  activeAlerts: 5000,
};
const rules = [
  { key: 'gateway-offline', severity: 'critical' as const, suggestion: ['Check the power.'] },
  { key: 'disk-almost-full', severity: 'warning' as const, suggestion: ['Free some space.'] },
];

test('a rule whose alerts are all in an incident is not listed again', () => {
  const counts = [{ rule: 'gateway-offline', title: 'Gateway offline', alerts: 5000 }];
  expect(inboxGroups([incident], counts, rules).map(({ id }) => id)).toEqual(['incident:i1']);
});

test('a rule with alerts beside its incident is, and the worst come first', () => {
  const counts = [
    { rule: 'disk-almost-full', title: 'Disk almost full', alerts: 9000 },
    { rule: 'gateway-offline', title: 'Gateway offline', alerts: 5003 },
  ];
  expect(inboxGroups([incident], counts, rules).map(({ id, count }) => [id, count])).toEqual([
    ['rule:gateway-offline', 5003],
    ['incident:i1', 5000],
    ['rule:disk-almost-full', 9000],
  ]);
});

test('an incident that is over counts the houses that it had', () => {
  expect(inboxGroups([{ ...incident, houses: 0 }], [], rules)[0]?.count).toBe(5100);
});

test('alerts are counted by their rule', () => {
  expect(
    countByRule([
      { rule: 'a', title: 'A' },
      { rule: 'b', title: 'B' },
      { rule: 'a', title: 'A' },
    ]),
  ).toEqual([
    { rule: 'a', title: 'A', alerts: 2 },
    { rule: 'b', title: 'B', alerts: 1 },
  ]);
});
