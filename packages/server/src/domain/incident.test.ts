import { expect, test } from 'bun:test';
import { incidentTitle } from './incident.ts';

const base = {
  ruleTitle: 'Gateway offline',
  where: '',
  houses: 5000,
  housesMax: 5200,
  isOver: false,
  trait: null,
} as const;

test('a title says what, how many and where', () => {
  expect(incidentTitle({ ...base, kind: 'fleet' })).toBe('Gateway offline · 5,000 houses');
  expect(incidentTitle({ ...base, kind: 'place', where: 'around Milan' })).toBe(
    'Gateway offline · 5,000 houses around Milan',
  );
  expect(incidentTitle({ ...base, kind: 'outage', where: 'around Milan' })).toBe(
    'Possible power or provider outage · 5,000 houses around Milan',
  );
  const trait = { attribute: 'firmware', value: '2.1' } as const;
  expect(incidentTitle({ ...base, kind: 'trait', trait })).toBe('Gateway offline · 5,000 houses with firmware 2.1');
  const network = { attribute: 'network', value: '203.0.0.0/16' } as const;
  expect(incidentTitle({ ...base, kind: 'outage', trait: network })).toBe(
    'Possible outage of the network 203.0.0.0/16 · 5,000 houses',
  );
});

test('one that is over tells of as many houses as it had', () => {
  expect(incidentTitle({ ...base, kind: 'fleet', houses: 0, isOver: true })).toBe('Gateway offline · 5,200 houses');
});
