/**
 * Bytes that somebody made to hurt, or that a bad network made: whatever they are, `judge` says what must hold.
 * LOVELY_FUZZ_SEED plays a run again, LOVELY_FUZZ_FACTOR makes it longer.
 */
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { frames, messages, refusedFrames, refusedValues, values } from '../conformance/fixtures.ts';
import { fromHex } from '../conformance/notation.ts';
import { decodeFrame, encode, encodeFrame, FRAME_BYTES_MAX_UP, Timestamp, type Value } from '../src/mod.ts';
import { MAP_ENTRIES_MAX, STRING_BYTES_MAX, VALUES_MAX } from '../src/limits.ts';
import { judge } from './judge.ts';
import { BOMBS, flipBit, insert, splice } from './mutate.ts';

const seed = Number(process.env.LOVELY_FUZZ_SEED ?? 20_261_122);
/** What goes through every byte of every fixture takes longer with each message of the catalogue. */
const CORPUS_TIMEOUT_MS = 60_000;
const factor = Number(process.env.LOVELY_FUZZ_FACTOR ?? 1);
/** Which bit is flipped and which bomb comes where: 8 turns flip every bit. */
const turns = Array.from({ length: factor }, (_, turn) => seed + turn);

const goodFrames = messages.map(({ hex }) => fromHex(hex));
const goodBodies = goodFrames.map((bytes) => decodeFrame(bytes, bytes.length).body).filter((body) => body.length > 0);
const small = [...values, ...frames, ...refusedValues, ...refusedFrames].map(({ hex }) => fromHex(hex));
const corpus = [...goodFrames, ...goodBodies, ...small];
const good = [...goodFrames, ...values.map(({ hex }) => fromHex(hex))];

describe(`hostile bytes (LOVELY_FUZZ_SEED=${seed})`, () => {
  test('every fixture cut off at every length is refused as truncated', () => {
    for (const bytes of good)
      for (let size = 0; size < bytes.length; size++) expect(judge(bytes.subarray(0, size))).toBe('truncated');
  });

  test(
    'every fixture with a bit flipped in any byte is refused or read in bounds',
    () => {
      for (const turn of turns)
        for (const bytes of corpus)
          for (let at = 0; at < bytes.length; at++) judge(flipBit(bytes, at * 8 + ((at + turn) % 8)));
    },
    CORPUS_TIMEOUT_MS,
  );

  test(
    'every frame with a bomb at any place is refused or read in bounds',
    () => {
      for (const turn of turns)
        for (const bytes of goodFrames)
          for (let at = 0; at <= bytes.length; at++)
            judge(insert(bytes, at, BOMBS[(at + turn) % BOMBS.length]!, (at + turn) % 2 === 0));
    },
    CORPUS_TIMEOUT_MS,
  );

  test('parts of two fixtures put together are refused or read in bounds', () => {
    const part = fc.tuple(fc.constantFrom(...corpus), fc.double({ min: 0, max: 1, noNaN: true }));
    check(fc.tuple(part, part), 4_000, ([[head, headPart], [tail, tailPart]]) => {
      judge(splice(head, Math.floor(head.length * headPart), tail, Math.floor(tail.length * tailPart)));
    });
  });

  test('random bytes are refused or read in bounds', () => {
    check(fc.uint8Array({ maxLength: 200 }), 3_000, judge);
  });

  test('a message whose body or props have a spoilt part is refused or read', () => {
    const spoilt = fc.oneof(
      value,
      fc.constantFrom<Value>('\0', -1, Number.NaN, 2n ** 63n, [], {}, 'x'.repeat(5000), { constructor: 1 }),
    );
    check(fc.tuple(fc.constantFrom(...goodFrames), fc.nat(), spoilt), 1_000, ([bytes, index, part]) => {
      const frame = decodeFrame(bytes, bytes.length);
      const props = Object.keys(frame.props);
      const key = props[index % (props.length + 1)];
      judge(
        encodeFrame(
          key === undefined ? { ...frame, body: encode(part) } : { ...frame, props: { ...frame.props, [key]: part } },
        ),
      );
    });
  });

  test('any value that can be written is read again', () => {
    check(value, 1_000, (any) => expect(judge(encode(any))).toBe('taken'));
  });
});

describe('a frame of a megabyte', () => {
  const list = (size: number): number[] => [
    0xdd,
    (size >>> 24) & 0xff,
    (size >>> 16) & 0xff,
    (size >>> 8) & 0xff,
    size & 0xff,
  ];
  const map32 = (size: number): number[] => [0xdf, ...list(size).slice(1)];

  test.each<[string, string, number[], number[]]>([
    ['of nil, more than allowed', 'too-many', list(FRAME_BYTES_MAX_UP - 5), [0xc0]],
    ['of empty maps, more than allowed', 'too-many', list(FRAME_BYTES_MAX_UP - 5), [0x80]],
    ['of maps with the key 999', 'too-many', list(20_000), [0x81, 0xa3, 0x39, 0x39, 0x39, 0xc0]],
    ['of lists in each other', 'too-deep', [], [0x91]],
    ['of maps in each other', 'too-deep', [], [0x81, 0xa1, 0x61]],
    ['of a map with too many entries', 'too-many', map32(MAP_ENTRIES_MAX + 1), [0xa1, 0x61, 0xc0]],
    ['of the same key', 'bad-key', map32(MAP_ENTRIES_MAX), [0xa1, 0x61, 0xc0]],
    ['of a string that is too long', 'too-long', [0xdb, 0x00, 0x0f, 0xff, 0xfb], [0x61]],
    ['that says it holds 4 GB of strings', 'truncated', list(0xffff_ffff), [0xa1, 0x61]],
  ])('%s is refused', (_, code, head, filling) => {
    expect(judge(filled(head, filling))).toBe(code as ReturnType<typeof judge>);
  });

  test.each<[string, number[], number[]]>([
    ['empty maps', list(VALUES_MAX - 1), [0x80]],
    ['empty strings', list(VALUES_MAX - 1), [0xa0]],
    ['the longest strings', list(15), [0xdb, 0, 1, 0, 0, ...new Uint8Array(STRING_BYTES_MAX).fill(0x61)]],
  ])('that is full of %s, as many as allowed, is read in bounds', (_, head, item) => {
    const bytes = filled(head, item);
    const items = new DataView(bytes.buffer).getUint32(1);
    expect(judge(bytes.subarray(0, head.length + items * item.length))).toBe('taken');
  });
});

const key = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom('0', '7', '1023', '4294967295', 'constructor', 'length'),
  )
  .filter((text) => text !== '__proto__');
const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthIdentifier: 'value' },
    fc.constantFrom<Value>(null, true, false, 0, -0, 2 ** 32, -(2 ** 31), 2 ** 53),
    fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double()),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }),
    fc
      .tuple(fc.maxSafeInteger(), fc.nat(999_999_999))
      .map(([seconds, nanoseconds]) => new Timestamp(seconds, nanoseconds)),
    fc.array(tie('value'), { maxLength: 20, depthIdentifier: 'value' }),
    fc.dictionary(key, tie('value'), { maxKeys: 20, depthIdentifier: 'value', noNullPrototype: true }),
  ),
})).value;

function check<T>(arbitrary: fc.Arbitrary<T>, runs: number, hold: (input: T) => unknown): void {
  fc.assert(
    fc.property(arbitrary, (input) => void hold(input)),
    { seed, numRuns: runs * factor },
  );
}

function filled(head: readonly number[], filling: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(FRAME_BYTES_MAX_UP);
  bytes.set(head);
  for (let at = head.length; at < bytes.length; at++) bytes[at] = filling[(at - head.length) % filling.length]!;
  return bytes;
}
