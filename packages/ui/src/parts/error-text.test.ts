import { expect, test } from 'bun:test';
import { ApiError } from '@lovely/api';
import { z } from 'zod';
import { errorText } from './error-text.ts';

const problem = {
  type: 'about:blank',
  title: 'Your role does not allow this',
  status: 403,
  code: 'not-allowed',
  requestId: '',
};

test('a refusal says whom to ask, unless the server says more', () => {
  expect(errorText(new ApiError({ ...problem, detail: problem.title }))).toEndWith('Ask an administrator.');
  expect(errorText(new ApiError({ ...problem, detail: 'It is of another group.' }))).toBe('It is of another group.');
});

test('an answer that does not fit asks to load the page again', () => {
  const { error } = z.string().safeParse(1);
  expect(errorText(error)).toBe('This page and the server are not of the same version. Load the page again.');
});
