import { expect, test } from 'bun:test';
import type { ConfigurationFormField } from '@lovely/api';
import { checkEdits } from './edits.ts';

const field = (key: string, part: Partial<ConfigurationFormField>): [string, ConfigurationFormField] => [
  key,
  {
    key,
    title: key,
    schema: 'own',
    description: '',
    type: 'text',
    unit: '',
    min: null,
    max: null,
    lengthMax: null,
    pattern: '',
    choices: [],
    default: null,
    needsRestart: false,
    sensor: null,
    ...part,
  },
];
const fields = new Map([
  field('port', { type: 'integer', min: 1, max: 65_535 }),
  field('wait', { type: 'duration', min: 1000 }),
  field('name', { lengthMax: 5 }),
]);
const wrongWith = (key: string, value: string | number) => checkEdits(new Map([[key, value]]), fields).get(key);

test('what a field would refuse is told before it is sent', () => {
  expect(wrongWith('port', 80)).toBeUndefined();
  expect(wrongWith('port', Number.NaN)).toBe('A number is missing.');
  expect(wrongWith('port', 1.5)).toBe('A whole number.');
  expect(wrongWith('port', 70_000)).toBe('At most 65535.');
  expect(wrongWith('wait', 10)).toBe('At least 1 s.');
  expect(wrongWith('name', 'x'.repeat(300))).toBe('This is too long: at most 5 characters.');
  expect(wrongWith('name', '🏠🏠')).toBeUndefined();
  expect(wrongWith('another', 'anything')).toBeUndefined();
});
