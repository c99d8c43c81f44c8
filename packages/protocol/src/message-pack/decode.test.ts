import { expect, test } from 'bun:test';
import { DEPTH_MAX, MAP_ENTRIES_MAX, STRING_BYTES_MAX, VALUES_MAX } from '../limits.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';

test('binary is a view into what was read, and a plain Uint8Array also from a Buffer', () => {
  const source = Buffer.from([0x91, 0xc4, 0x02, 7, 8]);
  const [view] = decode(source) as [Uint8Array];
  source[3] = 9;
  expect([...view]).toEqual([9, 8]);
  expect(view.constructor).toBe(Uint8Array);
});

test('bytes in the middle of a larger buffer are read from where they begin', () => {
  const outer = new Uint8Array([0xff, 0xff, 0x92, 0xcb, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0, 0xc4, 1, 5, 0xff]);
  expect(decode(outer.subarray(2, 15))).toEqual([0.5, new Uint8Array([5])]);
});

test('as many values as allowed are read, and one more is refused before any is made', () => {
  expect(decode(listOfNil(VALUES_MAX - 1))).toHaveLength(VALUES_MAX - 1);
  expect(() => decode(listOfNil(VALUES_MAX))).toThrow('more values');
});

test('the caller may allow fewer values', () => {
  expect(decode(new Uint8Array([0x81, 0xa1, 0x61, 0x91, 1]), 4)).toEqual({ a: [1] });
  expect(() => decode(new Uint8Array([0x81, 0xa1, 0x61, 0x91, 1]), 3)).toThrow('more values');
});

test('a string and a map are read up to their limits', () => {
  const longest = 'x'.repeat(STRING_BYTES_MAX);
  expect(decode(encode(longest))).toBe(longest);
  expect(() => decode(new Uint8Array([0xdb, 0, 1, 0, 1, ...new Uint8Array(STRING_BYTES_MAX + 1)]))).toThrow(
    'a string of',
  );
  const largest = Object.fromEntries(Array.from({ length: MAP_ENTRIES_MAX }, (_, i) => [`k${i}`, i]));
  expect(decode(encode(largest))).toEqual(largest);
});

test('keys that are array indexes pay for the slots that an engine allocates for them', () => {
  const sparse = [0x81, 0xa3, 0x39, 0x39, 0x39, 0xc0];
  expect(decode(listOf(sparse, 60))).toHaveLength(60);
  expect(() => decode(listOf(sparse, 70))).toThrow('more values');
  const dense = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`${i}`, i]));
  expect(decode(encode(Array.from({ length: 20 }, () => dense)))).toHaveLength(20);
  const largeIndex = [0x81, 0xa4, 0x38, 0x30, 0x38, 0x30, 0xc0];
  expect(decode(listOf(largeIndex, 10_000))).toHaveLength(10_000);
});

test('a refusal leaves nothing behind for the next call', () => {
  const good = encode({ a: [1, 'two', { three: 3.5 }] });
  for (let size = 0; size < good.length; size++) {
    expect(() => decode(good.subarray(0, size))).toThrow('left');
    expect(decode(good)).toEqual({ a: [1, 'two', { three: 3.5 }] });
  }
  expect(() => decode(new Uint8Array([0xd9, 40, ...new Uint8Array(40).fill(0xff)]))).toThrow('UTF-8');
  expect(decode(encode('é'.repeat(40)))).toBe('é'.repeat(40));
});

test('keys that every object has of its own are keys like others', () => {
  const names = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__defineGetter__', '__proto'];
  const map = Object.fromEntries(names.map((name, i) => [name, i]));
  const read = decode(encode(map)) as object;
  expect(read).toEqual(map);
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
});

test('a hostile key in an error is short and without control characters', () => {
  const key = [0xd9, 60, ...new Uint8Array(60)];
  const twice = new Uint8Array([0x82, ...key, 1, ...key, 1]);
  expect(() => decode(twice)).toThrow(`the map key ${JSON.stringify('\0'.repeat(40))} is`);
});

test('lists nest as deep as allowed', () => {
  expect(() => decode(nested(DEPTH_MAX))).not.toThrow();
  expect(() => decode(nested(DEPTH_MAX + 1))).toThrow('deeper');
});

function listOfNil(size: number): Uint8Array {
  return listOf([0xc0], size);
}

function listOf(item: readonly number[], size: number): Uint8Array {
  const bytes = new Uint8Array(5 + item.length * size);
  bytes[0] = 0xdd;
  new DataView(bytes.buffer).setUint32(1, size);
  for (let i = 0; i < size; i++) bytes.set(item, 5 + i * item.length);
  return bytes;
}

function nested(depth: number): Uint8Array {
  const bytes = new Uint8Array(depth).fill(0x91);
  bytes[depth - 1] = 0x90;
  return bytes;
}
