import { expect, test } from 'bun:test';
import { configurationField, type ConfigurationField } from '@lovely/api';
import {
  checkGroupValues,
  checkSchema,
  checkValue,
  checkValues,
  formOf,
  groupFormOf,
  typedValue,
  type ConfiguredHouse,
  type Schema,
} from './configuration-schema.ts';
import { DEFAULT_CONFIGURATION_SCHEMAS } from './default-configuration-schemas.ts';

const field = (of: Partial<ConfigurationField>): ConfigurationField =>
  configurationField.parse({ key: 'a', title: 'A', type: 'text', ...of });

test.each([
  [{ type: 'boolean' }, true, 'true'],
  [{ type: 'integer', min: 1, max: 3 }, 2, 2.5],
  [{ type: 'integer', min: 1, max: 3 }, 3, 4],
  [{ type: 'number', min: -1 }, -0.5, '0'],
  [{ type: 'duration', max: 1000 }, 1000, 1001],
  [{ type: 'choice', choices: [{ value: 'on', title: '' }] }, 'on', 'off'],
  [{ type: 'text', lengthMax: 2 }, 'ab', 'abc'],
  [{ type: 'text', pattern: '[a-z]+|x1' }, 'x1', 'x2'],
  [{ type: 'text', pattern: '(?i)[a-z]+' }, 'AB', 'a1'],
] as const)('%p takes %p and not %p', (of, good, bad) => {
  const made = field(of as Partial<ConfigurationField>);
  expect(checkValue(made, good)).toBeUndefined();
  expect(checkValue(made, bad)).toBeString();
});

test('a pattern that would take another engine for ever is answered at once', () => {
  const made = field({ pattern: '(a+)+b' });
  expect(checkValue(made, `${'a'.repeat(500)}c`)).toBeString();
});

const schema = (key: string, of: Schema['of'], fields: ConfigurationField[], takesUnknown = false): Schema => ({
  key,
  title: key,
  of,
  fields,
  takesUnknown,
});

const HOUSE: ConfiguredHouse = {
  deviceType: 'hub-2',
  sensors: [
    { id: 'oven-1', name: 'Oven', kind: 'oven', model: 'HeatChef 3' },
    { id: 'thing', name: 'Thing', kind: 'own', model: '' },
  ],
};

test('the schema of a type or model comes before that of all, and sensors are known by their kind', () => {
  const schemas = [
    schema('any', { kind: 'gateway', deviceTypes: [] }, [field({ key: 'port', type: 'integer', max: 10 })], true),
    schema('hub-2', { kind: 'gateway', deviceTypes: ['hub-2'] }, [field({ key: 'port', type: 'integer', max: 99 })]),
    schema('hub-3', { kind: 'gateway', deviceTypes: ['hub-3'] }, [field({ key: 'other' })]),
    schema('oven', { kind: 'sensors', kinds: ['oven'], models: [] }, [
      field({ key: 'max', type: 'integer', max: 200 }),
    ]),
    schema('chef', { kind: 'sensors', kinds: [], models: ['HeatChef 3'] }, [
      field({ key: 'max', type: 'integer', max: 300 }),
    ]),
  ];
  expect(formOf(schemas, HOUSE)).toMatchObject({
    fields: [
      { key: 'port', schema: 'hub-2', sensor: null },
      { key: 'sensor/oven-1/max', schema: 'chef', sensor: { id: 'oven-1' } },
    ],
    takesUnknown: false,
  });
  const wrong = checkValues(schemas, HOUSE, {
    port: 50,
    unknown: 1,
    'sensor/oven-1/max': 250,
    'sensor/oven-1/other': 1,
    'sensor/thing/anything': 'goes',
    'sensor/absent/anything': 'goes',
  });
  expect([...wrong.keys()]).toEqual(['unknown', 'sensor/oven-1/other']);
  expect([...checkGroupValues(schemas, { port: 50, unknown: 1, other: 5, 'sensor/oven-1/max': 900 }).keys()]).toEqual([
    'port',
    'other',
  ]);
  expect(groupFormOf(schemas).fields.map(({ key }) => key)).toEqual(['port', 'other']);
});

test('without a schema everything goes, and Mender’s texts become what a field says', () => {
  expect(checkValues([], HOUSE, { anything: 1, 'client/x': true }).size).toBe(0);
  expect(typedValue(field({ type: 'integer' }), '12')).toBe(12);
  expect(typedValue(field({ type: 'boolean' }), 'true')).toBe(true);
  expect(typedValue(field({ type: 'integer' }), 'twelve')).toBe('twelve');
  expect(typedValue(undefined, '12')).toBe('12');
});

test('every schema that comes with the system is sound', () => {
  for (const [key, one] of DEFAULT_CONFIGURATION_SCHEMAS) expect([key, checkSchema(one)]).toEqual([key, []]);
});

test('a schema that contradicts itself is refused, each contradiction where it is', () => {
  const pointers = checkSchema({
    title: 'Bad',
    of: { kind: 'gateway', deviceTypes: [] },
    takesUnknown: false,
    fields: [
      field({ key: 'a', type: 'integer', min: 3, max: 1 }),
      field({ key: 'a', type: 'choice' }),
      field({ key: 'client/x' }),
      field({ key: 'p', pattern: '(' }),
      field({ key: 'd', type: 'integer', max: 5, default: 6 }),
    ],
  }).map(({ pointer }) => pointer);
  expect(pointers).toEqual([
    '/fields/0/max',
    '/fields/1/key',
    '/fields/1/choices',
    '/fields/2/key',
    '/fields/3/pattern',
    '/fields/4/default',
  ]);
});
