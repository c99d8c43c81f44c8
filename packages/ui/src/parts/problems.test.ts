import { expect, test } from 'bun:test';
import { z } from 'zod';
import { problemAt, problemsIn } from './problems.ts';

const FORM = z.object({
  title: z.string().min(1).max(200),
  steps: z.array(z.string().max(1000)).max(12),
  forMs: z.number().int().min(1000).max(86_400_000),
  changes: z.number().int().min(1).max(1000),
});

function problemsOf(form: unknown): Map<string, string> {
  const result = FORM.safeParse(form);
  return result.success ? new Map() : problemsIn(result.error);
}

test('limits are told with their figure, durations in the unit that people see', () => {
  const problems = problemsOf({
    title: 'x'.repeat(10_000),
    steps: Array.from({ length: 13 }, () => ''),
    forMs: 0,
    changes: 10_000,
  });
  expect(Object.fromEntries(problems)).toEqual({
    title: 'This is too long: at most 200 characters.',
    steps: 'These are too many: at most 12.',
    forMs: 'At least 1 second.',
    changes: 'At most 1,000.',
  });
  expect(problemsOf({ title: 'a', steps: [], forMs: 9e9, changes: 1 }).get('forMs')).toBe('At most 1 day.');
});

test('a name that can not be one is told with why', () => {
  const names = z.object({ values: z.record(z.string().regex(/^[a-z]+$/, 'small letters'), z.string()) });
  const result = names.safeParse({ values: { 'Bad Name!': '' } });
  expect(result.success || [...problemsIn(result.error)]).toEqual([
    ['values.Bad Name!', '“Bad Name!” can’t be its name: small letters.'],
  ]);
});

test('what is wrong with one of a list is found at the list', () => {
  const problems = problemsOf({ title: 'a', steps: ['', 'x'.repeat(1001)], forMs: 1000, changes: 1 });
  expect(problems.has('steps')).toBe(false);
  expect(problemAt(problems, 'steps')).toBe('This is too long: at most 1,000 characters.');
  expect(problemAt(problems, 'step')).toBeUndefined();
});
