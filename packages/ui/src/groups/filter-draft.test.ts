import { expect, test } from 'bun:test';
import { deviceFilter } from '@lovely/api';
import { draftsOf, filterOf, filterText, type ConditionDraft } from './filter-draft.ts';

const drafts: ConditionDraft[] = [
  { field: 'tag', operator: 'is-not', value: 'milan' },
  { field: 'inventory/kernel', operator: 'at-least', value: '5' },
  { field: 'identity/status', operator: 'one-of', value: 'accepted, pending' },
  { field: 'inventory/wifi', operator: 'missing', value: '' },
];

test('a filter comes back as it was written', () => {
  const filter = filterOf(drafts);
  expect(deviceFilter.parse(filter)).toEqual(filter!);
  expect(draftsOf(filter!)).toEqual(drafts);
});

test('a tag is a condition on itself', () => {
  expect(filterOf([drafts[0]!])).toEqual({
    all: [{ scope: 'tags', attribute: 'milan', type: '$exists', value: false }],
  });
});

test('a line that is not complete makes no filter', () => {
  expect(filterOf([])).toBeUndefined();
  expect(filterOf([...drafts, { field: 'inventory/kernel', operator: 'is', value: ' ' }])).toBeUndefined();
  expect(filterOf([{ field: '', operator: 'there', value: '' }])).toBeUndefined();
});

test('an attribute may have slashes in its name', () => {
  expect(filterOf([{ field: 'inventory/a/b', operator: 'is', value: '1' }])?.all[0]?.attribute).toBe('a/b');
});

test('a filter reads as a sentence', () => {
  expect(filterText(filterOf(drafts)!)).toBe(
    'Tag is not milan and kernel is at least 5 and Status is one of accepted, pending and wifi is not known',
  );
});
