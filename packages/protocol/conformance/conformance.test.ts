import { describe, expect, test } from 'bun:test';
import * as surface from '../src/mod.ts';
import { decode, decodeFrame, encode, encodeFrame, PROTOCOL_VERSION, ProtocolError, type Message } from '../src/mod.ts';
import {
  frames,
  messages,
  protocolVersion,
  refusedFrames,
  refusedValues,
  values,
  type MessageFixture,
} from './fixtures.ts';
import { fromHex, fromNotation, toHex, toNotation } from './notation.ts';

const FRAME_BYTES_MAX = 8192;

type AnyMessage = Message<unknown, unknown>;
const catalogue = new Map<string, AnyMessage>();
for (const [name, value] of Object.entries<unknown>(surface)) if (isMessage(value)) catalogue.set(name, value);

test('the fixtures are of this version of the protocol', () => {
  expect(protocolVersion).toBe(PROTOCOL_VERSION);
});

test('every message of the catalogue has a fixture, and every fixture a message', () => {
  expect([...new Set(messages.map((fixture) => fixture.message))].sort()).toEqual([...catalogue.keys()].sort());
});

describe.each(messages)('$message: $about', (fixture) => {
  const message = messageOf(fixture);
  const bytes = fromHex(fixture.hex);
  const frame = decodeFrame(bytes, FRAME_BYTES_MAX);

  test('parse', () => {
    expect(toNotation(decode(bytes))).toEqual(fixture.frame);
    expect(message.is(frame)).toBe(true);
    expect<unknown>(message.read(frame)).toEqual({ props: frame.props, body: bodyOf(fixture, frame.body) });
  });

  test('generate', () => {
    const generated = message.frame(frame.props, bodyOf(fixture, frame.body), frame.sid);
    expect(toHex(encodeFrame(generated))).toBe(fixture.hex);
  });

  test('mirror', () => {
    expect(toHex(encodeFrame(frame))).toBe(fixture.hex);
    const { props, body } = message.read(frame);
    expect(decodeFrame(encodeFrame(message.frame(props, body, frame.sid)), FRAME_BYTES_MAX)).toEqual(frame);
  });
});

test.each(values)('a value is read: $about', ({ hex, value }) => {
  expect(toNotation(decode(fromHex(hex)))).toEqual(value);
});

test.each(values)('a value is written in the smallest form: $about', ({ hex, value, smallest }) => {
  const written = encode(fromNotation(value));
  expect(toHex(written) === hex).toBe(smallest);
  expect(toNotation(decode(written))).toEqual(value);
});

test.each(frames)('a frame is read: $about', ({ hex, means }) => {
  const frame = decodeFrame(fromHex(hex), FRAME_BYTES_MAX);
  const { proto, typ, sid } = frame;
  expect({ proto, typ, sid, props: toNotation(frame.props), body: toNotation(frame.body) }).toEqual(means);
  expect(decodeFrame(encodeFrame(frame), FRAME_BYTES_MAX)).toEqual(frame);
});

test.each(refusedValues)('a value is refused: $about', ({ hex, code }) => {
  expect(refusal(() => decode(fromHex(hex)))).toBe(code);
});

test.each(refusedFrames)('a frame is refused: $about', ({ hex, code }) => {
  expect(refusal(() => decodeFrame(fromHex(hex), FRAME_BYTES_MAX))).toBe(code);
});

function isMessage(value: unknown): value is AnyMessage {
  return typeof value === 'object' && value !== null && 'proto' in value && 'typ' in value && 'read' in value;
}

function messageOf(fixture: MessageFixture): AnyMessage {
  const message = catalogue.get(fixture.message);
  if (message === undefined) throw new Error(`the catalogue has no ${fixture.message}`);
  return message;
}

function bodyOf({ bodyIs, body }: MessageFixture, bytes: Uint8Array): unknown {
  if (bodyIs === 'none') return undefined;
  return bodyIs === 'bytes' ? bytes : fromNotation(body!);
}

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  return 'taken';
}
