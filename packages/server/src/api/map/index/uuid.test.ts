import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { formatUuid, hashUuid, parseUuid } from './uuid.ts';

const words = new Uint32Array(4);

test('a UUID comes back in lower case', () => {
  fc.assert(
    fc.property(fc.uuid(), (id) => {
      expect(parseUuid(id.toUpperCase(), words)).toBe(true);
      expect(formatUuid(words, 0)).toBe(id);
    }),
  );
});

test('what is not a UUID is refused', () => {
  const id = crypto.randomUUID();
  const wrong = ['', id.slice(1), `${id}0`, id.replace('-', '0'), `g${id.slice(1)}`, `é${id.slice(1)}`, `{${id}}`];
  for (const text of wrong) expect(parseUuid(text, words)).toBe(false);
});

test('ids that follow one another are spread over a hash table', () => {
  const taken = new Set<number>();
  for (let number = 0; number < 4096; number++) {
    words.set([0x018f_0000, 0x7000_8000, 0x8000_0000, number]);
    taken.add(hashUuid(words, 0, 0) & 0xffff);
  }
  // 4096 balls in 65536 urns hit some 3970 of them.
  expect(taken.size).toBeGreaterThan(3900);
});
