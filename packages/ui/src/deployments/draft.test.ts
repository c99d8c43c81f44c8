import { expect, test } from 'bun:test';
import { draftOf, FIRST_OPTIONS, nameOf, searchOf, targetOf } from './draft.ts';
import { newDeploymentSearch } from './deployment-search.ts';

const HOUSE = '0190b3a5-7c1d-7cc2-9f3e-6a1d2b3c4d5e';
const OTHER = '0190b3a5-7c1d-7cc2-9f3e-6a1d2b3c4d5f';

const empty = draftOf({});

test('a draft that begins has a few houses first, and nothing else chosen', () => {
  expect(empty.options.phases.map((phase) => ('percent' in phase ? phase.percent : 0))).toEqual([1, 10, 100]);
  expect(targetOf(empty)).toBeUndefined();
  expect(Object.values(searchOf(empty)).filter((value) => value !== undefined)).toEqual([]);
});

test('what is chosen comes back from the address as it was', () => {
  const draft = {
    ...empty,
    artifactName: 'gateway 2.1',
    to: 'filter' as const,
    conditions: [{ field: 'inventory/kernel', operator: 'less' as const, value: '6' }],
    options: {
      ...FIRST_OPTIONS,
      retries: 2,
      window: { from: '02:00', to: '05:00', days: [1, 2], zone: 'house' as const },
    },
  };
  const search = newDeploymentSearch.parse(JSON.parse(JSON.stringify(searchOf(draft))));
  expect(draftOf(search)).toEqual({ ...draft, name: undefined });
});

test('half typed options are not put into the address, and don’t take the others along', () => {
  const options = { ...FIRST_OPTIONS, retries: 3, parallelMax: Number.NaN };
  expect(searchOf({ ...empty, options }).options).toEqual({ retries: 3 });
  expect(draftOf({ options: { parallelMax: null, retries: 3 } }).options).toEqual({ ...FIRST_OPTIONS, retries: 3 });
});

test('houses that are chosen by a link are meant at once, without phases', () => {
  const draft = draftOf({ houses: `${HOUSE}.${OTHER}.not-an-id` });
  expect(targetOf(draft)).toEqual({ kind: 'devices', ids: [HOUSE, OTHER] });
  expect(draft.options.phases).toEqual([]);
  expect(draftOf(searchOf(draft))).toEqual(draft);
});

test('a deployment is called by what it brings to whom, until somebody says otherwise', () => {
  const draft = { ...empty, artifactName: 'r2' };
  expect(nameOf({ ...draft, to: 'all' })).toBe('r2');
  expect(nameOf({ ...draft, to: 'group' }, 'Milan')).toBe('r2 for Milan');
  expect(nameOf({ ...draft, to: 'devices', deviceIds: [HOUSE] })).toBe('r2 for 1 house');
  expect(nameOf({ ...draft, name: ' Spring ' })).toBe('Spring');
});
