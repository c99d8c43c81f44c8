import { expect, test } from 'bun:test';
import type { FixParameter } from '@lovely/api';
import { areComplete, defaultValues } from './parameter-values.ts';

const parameter = (part: Partial<FixParameter>): FixParameter => ({
  name: 'a',
  title: 'A',
  type: 'text',
  choices: [],
  default: null,
  ...part,
});

test('a parameter without a default must be chosen, only a switch is off until then', () => {
  const parameters = [
    parameter({ name: 'mount', default: '{source}' }),
    parameter({ name: 'force', type: 'boolean' }),
    parameter({ name: 'freeMb', type: 'number' }),
  ];
  const values = defaultValues(parameters);
  expect(values).toEqual({ mount: '{source}', force: false });
  expect(areComplete(parameters, values)).toBe(false);
  expect(areComplete(parameters, { ...values, freeMb: Number.NaN })).toBe(false);
  expect(areComplete(parameters, { ...values, freeMb: 200 })).toBe(true);
});

test('a choice is one of the choices', () => {
  const parameters = [parameter({ type: 'choice', choices: ['soft', 'hard'] })];
  expect(areComplete(parameters, { a: 'other' })).toBe(false);
  expect(areComplete(parameters, { a: 'hard' })).toBe(true);
});
