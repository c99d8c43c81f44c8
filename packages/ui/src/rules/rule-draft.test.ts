import { expect, test } from 'bun:test';
import { blankRule, checkDraft, differences, keyFor } from './rule-draft.ts';

test('a blank rule says what is missing, by the names of the members', () => {
  const { problems, rule } = checkDraft(blankRule());
  expect(rule).toBeUndefined();
  expect([...problems.keys()]).toEqual(
    expect.arrayContaining(['title', 'description', 'watch.metric', 'watch.raiseAt', 'watch.clearAt']),
  );
});

test('a rule that is good again beyond where it raises is refused at that member', () => {
  const { problems } = checkDraft({
    ...blankRule(),
    title: 'Hot',
    description: '{value}',
    watch: { kind: 'threshold', metric: 'a', direction: 'above', raiseAt: 5, clearAt: 6, forMs: 0 },
  });
  expect([...problems.keys()]).toEqual(['watch.clearAt']);
});

test('a text with a name in braces that nothing is known for is refused at that text', () => {
  const { problems, rule } = checkDraft({
    ...blankRule(),
    title: 'Hot',
    description: '{valu} °C',
    suggestion: ['Open the door of {room}.'],
    watch: { kind: 'threshold', metric: 'a', direction: 'above', raiseAt: 5, clearAt: 4, forMs: 0 },
  });
  expect(rule).toBeUndefined();
  expect([...problems.keys()]).toEqual(['description', 'suggestion']);
  expect(problems.get('description')).toBe(
    'Nothing is known for {valu}. Take one of {value} {metric} {source}, or leave out the braces.',
  );
});

test('empty steps are left out of a rule that is fine', () => {
  const { rule } = checkDraft({
    ...blankRule(),
    title: 'Hot',
    description: '{value}',
    suggestion: ['Open the door.', ' '],
    watch: { kind: 'threshold', metric: 'a', direction: 'above', raiseAt: 5, clearAt: 4, forMs: 0 },
  });
  expect(rule?.suggestion).toEqual(['Open the door.']);
});

test('a key is the title in small letters, with a number where it is taken', () => {
  expect(keyFor('Oven: zu heiß, größer 200 °C!', [])).toBe('oven-zu-hei-gro-er-200-c');
  expect(keyFor('Hot', [{ key: 'hot' }, { key: 'hot-2' }])).toBe('hot-3');
  expect(keyFor('…', [])).toBe('rule');
});

test('versions differ in the members that were changed', () => {
  const before = blankRule();
  expect(differences(before, { ...before, title: 'Hot' })).toEqual({ title: { before: '', after: 'Hot' } });
});
