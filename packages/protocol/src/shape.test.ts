import { describe, expect, test } from 'bun:test';
import type { Value } from './message-pack/value.ts';
import {
  boolean,
  either,
  fields,
  integer,
  list,
  name,
  number,
  oneOf,
  optional,
  record,
  string,
  type Shape,
} from './shape.ts';

const metric = either(either(number, string(8)), boolean);

describe('a value that fits is read:', () => {
  test.each<[string, Shape<unknown>, Value | undefined, unknown]>([
    ['an integer', integer(0, 9), 9, 9],
    ['an int64', integer(-9, 9), -9n, -9],
    ['an int64 as number', number, 2n ** 40n, 2 ** 40],
    ['a string', string(3), 'abc', 'abc'],
    ['either, first', metric, 1.5, 1.5],
    ['either, second', metric, 'on', 'on'],
    ['either, third', metric, false, false],
    ['a missing member', fields({ a: optional(number), b: number }), { b: 1 }, { b: 1 }],
    ['null for a missing member', fields({ a: optional(number) }), { a: null }, {}],
    ['unknown members', fields({ a: number }), { a: 1, constructor: 2 }, { a: 1 }],
    ['a record', record(number, 2), { constructor: 1, 7: 2 }, { constructor: 1, 7: 2 }],
    ['a list', list(oneOf('a', 'b'), 2), ['b', 'a'], ['b', 'a']],
  ])('%s', (_, shape, value, expected) => {
    expect(shape.read(value, 'x')).toEqual(expected);
  });
});

describe('a value that does not fit is refused with its path:', () => {
  test.each<[Shape<unknown>, Value | undefined, string]>([
    [integer(0, 9), 10, 'x is not an integer from 0 to 9'],
    [integer(0, 9), 1.5, 'x is not an integer from 0 to 9'],
    [integer(0, Number.MAX_SAFE_INTEGER), 2n ** 53n + 1n, 'x is not an integer'],
    [integer(0, 9), '1', 'x is not an integer'],
    [integer(0, 9), new Uint8Array([1]), 'x is not an integer'],
    [number, Number.NaN, 'x is not a finite number'],
    [number, Number.POSITIVE_INFINITY, 'x is not a finite number'],
    [name, '', 'x is not a string of 1 to 128 characters'],
    [string(3), 'abcd', 'x is not a string of 0 to 3 characters'],
    [string(3), 'a\0', 'x is not a string of 0 to 3 characters without U+0000'],
    [oneOf('a', 'b'), 'c', 'x is not one of a, b'],
    [metric, 'x'.repeat(9), 'x is not a string of 0 to 8 characters'],
    [metric, null, 'x is not a finite number or a string of 0 to 8 characters without U+0000 or true or false'],
    [fields({ a: fields({ b: list(number, 3) }) }), { a: { b: [1, true] } }, 'x.a.b[1] is not a finite number'],
    [fields({ a: number }), undefined, 'x is not a map'],
    [fields({ a: number }), [], 'x is not a map'],
    [fields({ constructor: number }), { a: 1 }, 'x.constructor is not a finite number'],
    [list(number, 1), [1, 2], 'x is not a list of at most 1 items'],
    [record(number, 1), { a: 1, b: 2 }, 'x is not a map of at most 1 entries'],
    [record(number, 9), { ['k'.repeat(129)]: 1 }, 'x.key is not a string'],
    [record(list(number, 9), 9), { a: [1, ''] }, 'x.a[1] is not a finite number'],
  ])('%#', (shape, value, message) => {
    expect(() => shape.read(value, 'x')).toThrow(message);
  });
});
