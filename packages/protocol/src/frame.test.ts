import { describe, expect, test } from 'bun:test';
import { decodeFrame, encodeFrame, frame } from './frame.ts';
import { HEADER_VALUES_MAX, NAME_LENGTH_MAX } from './limits.ts';
import { decode } from './message-pack/decode.ts';
import { encode } from './message-pack/encode.ts';
import type { ValueMap } from './message-pack/value.ts';

test('empty members are left out, props without a value too', () => {
  expect(decode(encodeFrame(frame(5, '')))).toEqual({ hdr: { proto: 5 } });
  const props = { user_id: undefined } as unknown as ValueMap;
  expect(decode(encodeFrame(frame(5, 'x', { props })))).toEqual({ hdr: { proto: 5, typ: 'x' } });
});

test('a frame over the limit is refused unread', () => {
  const bytes = encodeFrame(frame(5, 'x', { body: new Uint8Array(100) }));
  expect(decodeFrame(bytes, bytes.length).body).toHaveLength(100);
  expect(() => decodeFrame(bytes, bytes.length - 1)).toThrow(`a frame of ${bytes.length} bytes`);
});

test('what stands outside of the body has its own, smaller limit', () => {
  const list = Array.from({ length: HEADER_VALUES_MAX }, () => null);
  expect(() => decodeFrame(encode({ hdr: { proto: 5, props: { list } } }), 2 ** 20)).toThrow('more values');
  expect(() => encodeFrame(frame(5, 'x', { props: { list } }))).toThrow(RangeError);
  const body = encode(list);
  expect(decodeFrame(encodeFrame(frame(5, 'x', { body })), 2 ** 20).body).toEqual(body);
});

describe('a frame that no peer would take is not written:', () => {
  const long = 'x'.repeat(NAME_LENGTH_MAX + 1);
  test.each([
    ['proto -1', frame(-1, 'x')],
    ['proto 65536', frame(65_536, 'x')],
    ['proto 1.5', frame(1.5, 'x')],
    ['proto NaN', frame(Number.NaN, 'x')],
    ['a long typ', frame(5, long)],
    ['a long sid', frame(5, 'x', { sid: long })],
  ])('%s', (_, message) => {
    expect(() => encodeFrame(message)).toThrow(RangeError);
  });
});
