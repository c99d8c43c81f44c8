import { expect, test } from 'bun:test';
import { readString } from './text.ts';

test('a string is the same whether it is read for the first time, again, or after many others', () => {
  const strings = Array.from({ length: 5000 }, (_, i) => `key ${i} ${'x'.repeat(i % 40)}`);
  for (let round = 0; round < 3; round++) for (const string of strings) expect(read(string)).toBe(string);
});

test('strings of the same length and hash are kept apart', () => {
  // 31 × 'a' + 'b' = 31 × 'b' + 'C'; four of them, for two have a place.
  for (let round = 0; round < 3; round++)
    for (const string of ['abab', 'abbC', 'bCab', 'bCbC']) expect(read(string)).toBe(string);
});

test('text outside of ASCII is never mistaken for a remembered string', () => {
  const two = new Uint8Array([0xc3, 0xa9]);
  expect(readString(two, 0, 2)).toBe('é');
  expect(readString(new Uint8Array([0x43, 0x29]), 0, 2)).toBe('C)');
  expect(readString(two, 0, 2)).toBe('é');
  expect(readString(new Uint8Array([0xc3, 0x29]), 0, 2)).toBeUndefined();
});

function read(string: string): string | undefined {
  const bytes = new TextEncoder().encode(`<${string}>`);
  return readString(bytes, 1, bytes.length - 1);
}
