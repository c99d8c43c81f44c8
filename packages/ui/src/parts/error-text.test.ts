import { expect, test } from 'bun:test';
import { ApiError } from '@lovely/api';
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
