import { expect, test } from 'bun:test';
import { valueOf } from './typed-value.ts';

test('a number and yes or no are what they look like, everything else is a text', () => {
  expect(['12', '-0.5', 'true', 'false', '007', '1e3', '', ' ', '{source}', 'NaN'].map(valueOf)).toEqual([
    12,
    -0.5,
    true,
    false,
    '007',
    '1e3',
    '',
    ' ',
    '{source}',
    'NaN',
  ]);
});
