import { heapStats } from 'bun:jsc';
import { expect, test } from 'bun:test';
import { DEPTH_MAX, MAP_ENTRIES_MAX, STRING_BYTES_MAX, VALUES_MAX } from '../limits.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { Timestamp, type Value } from './value.ts';

test('an entry without a value is left out, at every depth', () => {
  const map = { a: undefined, b: { c: undefined, d: 1 }, e: [{ f: undefined }] } as unknown as Value;
  expect(decode(encode(map))).toEqual({ b: { d: 1 }, e: [{}] });
});

test.each([
  ['undefined', undefined],
  ['undefined in a list', [undefined]],
  ['a hole in a list', Array.from({ length: 2 })],
  ['a function', () => 1],
  ['a symbol', Symbol('a')],
  ['a Date', new Date(0)],
  ['a Map', new Map([['a', 1]])],
  ['another typed array', new Float32Array(1)],
  ['a bigint over 64 bits', 2n ** 64n],
  ['a bigint under 64 bits', -(2n ** 63n) - 1n],
  ['a bigint of a million digits', 10n ** 1_000_000n],
  ['a timestamp of half a second', new Timestamp(0.5)],
  ['a timestamp with too many nanoseconds', new Timestamp(0, 1e9)],
  ['a timestamp with fewer than none', new Timestamp(0, -1)],
  ['an own key __proto__', JSON.parse('{"__proto__": 1}')],
  ['half of a surrogate pair in a key', { 'a\ud800': 1 }],
  ['one value too many', Array.from({ length: VALUES_MAX }, () => null)],
  ['one entry too many', Object.fromEntries(Array.from({ length: MAP_ENTRIES_MAX + 1 }, (_, i) => [`k${i}`, 1]))],
  ['one byte too many', 'x'.repeat(STRING_BYTES_MAX + 1)],
  ['one byte too many in UTF-8', 'é'.repeat(STRING_BYTES_MAX / 2 + 1)],
  ['one level too many', nested(DEPTH_MAX + 1)],
  ['a map in itself', itself()],
])('%s has no wire form', (_, value) => {
  expect(() => encode(value as Value)).toThrow(RangeError);
});

test('what is at the limits is written, and read again', () => {
  const deepest = nested(DEPTH_MAX);
  expect(decode(encode(deepest))).toEqual(deepest);
  const longest = 'é'.repeat(STRING_BYTES_MAX / 2);
  expect(decode(encode(longest))).toBe(longest);
});

test('half of a surrogate pair becomes U+FFFD, a whole pair stays', () => {
  expect(decode(encode('a\ud83c'))).toBe('a\ufffd');
  expect(decode(encode({ 'a\u{1f3e1}': '\u{1f3e1}' }))).toEqual({ 'a\u{1f3e1}': '\u{1f3e1}' });
});

test('strings of every length around the limits of a form are written in the smallest', () => {
  for (const [unit, bytesPerUnit] of [
    ['a', 1],
    ['é', 2],
    ['€', 3],
    ['\u{1f3e1}', 4],
  ] as const)
    for (const size of [
      0, 1, 7, 8, 10, 11, 15, 16, 31, 32, 63, 64, 85, 86, 127, 128, 255, 256, 16_384, 21_845, 21_846,
    ]) {
      const bytes = size * bytesPerUnit;
      if (bytes > STRING_BYTES_MAX) continue;
      const written = encode(unit.repeat(size));
      expect(written.length - bytes).toBe(bytes < 32 ? 1 : bytes <= 0xff ? 2 : bytes <= 0xffff ? 3 : 5);
      expect(decode(written)).toBe(unit.repeat(size));
    }
});

test('an error leaves nothing behind for the next call', () => {
  for (let i = 0; i < 3; i++) {
    expect(() => encode(['x'.repeat(1000), undefined as unknown as Value])).toThrow(RangeError);
    expect([...encode([1])]).toEqual([0x91, 1]);
  }
});

test('a getter may encode while it is being encoded', () => {
  const inner: Uint8Array[] = [];
  const map = {
    before: 'a',
    get now() {
      inner.push(encode({ inner: 'x'.repeat(200_000 / 4) }));
      return 7;
    },
    after: 'b',
  };
  expect(decode(encode(map))).toEqual({ before: 'a', now: 7, after: 'b' });
  expect(decode(inner[0]!)).toEqual({ inner: 'x'.repeat(50_000) });
});

test('a huge message leaves no huge buffer behind', () => {
  const hugeBytes = 16 * 1024 * 1024;
  Bun.gc(true);
  const before = heapStats().extraMemorySize;
  expect(encode(new Uint8Array(hugeBytes)).length).toBe(hugeBytes + 5);
  Bun.gc(true);
  expect(heapStats().extraMemorySize - before).toBeLessThan(hugeBytes / 4);
});

test('two results never share memory', () => {
  const first = encode([1, 2, 3]);
  const copy = [...first];
  encode([4, 5, 6]);
  expect([...first]).toEqual(copy);
  expect(first.buffer.byteLength).toBe(first.length);
});

test('a map without a prototype is a map', () => {
  const map: { a?: number } = Object.create(null);
  map.a = 1;
  expect(decode(encode(map as Value))).toEqual({ a: 1 });
});

function nested(depth: number): Value {
  let value: Value = [];
  for (let i = 1; i < depth; i++) value = [value];
  return value;
}

function itself(): Value {
  const map: { [key: string]: Value } = {};
  map.map = map;
  return map;
}
