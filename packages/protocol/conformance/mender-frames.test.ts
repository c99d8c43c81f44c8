/** What Mender's programs really sent, captured from the wire; the file stands beside the repository. */
import { describe, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  controlAccept,
  controlError,
  controlOpen,
  decode,
  decodeFrame,
  encode,
  encodeFrame,
  FRAME_BYTES_MAX_DOWN,
  PROTO,
  shellInput,
  shellNew,
  shellOutput,
  shellPing,
  shellResize,
  shellStarted,
  shellStop,
  shellStopped,
  type Message,
} from '../src/mod.ts';
import { fromHex, toHex } from './notation.ts';

interface CapturedFrame {
  readonly direction: string;
  readonly typ: string;
  readonly hex: string;
  readonly decoded: { readonly hdr: { readonly props?: { readonly [key: string]: unknown } }; readonly body?: object };
  readonly wire_types: { readonly [path: string]: string };
}

const path = join(import.meta.dir, '../../../../shared/mender/vectors.json');
const isThere = existsSync(path);
const captured = isThere ? (JSON.parse(readFileSync(path, 'utf8')) as { ws_frames: CapturedFrame[] }).ws_frames : [];

test.skipIf(!isThere && process.env.CI !== 'true')('the captured frames are there', () => {
  expect(captured).toHaveLength(62);
});

describe.each(captured.map((frame, index) => ({ ...frame, index })))('frame $index: $direction, $typ', (fixture) => {
  const bytes = fromHex(fixture.hex);
  const frame = decodeFrame(bytes, FRAME_BYTES_MAX_DOWN);

  test('means what was captured', () => {
    const { hdr, body } = fixture.decoded;
    expect(hdr as unknown).toEqual({
      proto: frame.proto,
      typ: frame.typ,
      ...(frame.sid === '' ? {} : { sid: frame.sid }),
      ...(hdr.props ? { props: withoutInt64(frame.props) } : {}),
    });
    expect(toHex(frame.body)).toBe(body ? (Object.values(body)[0] as string) : '');
  });

  test('has the same meaning written again, and an int64 is one still', () => {
    expect(decodeFrame(encodeFrame(frame), FRAME_BYTES_MAX_DOWN)).toEqual(frame);
    for (const [name, value] of Object.entries(frame.props))
      expect(typeof value === 'bigint').toBe(fixture.wire_types[`props.${name}`] === 'int64');
    // Go writes proto as uint16 always, we as small as it goes; but for that even the bytes are the same.
    if (fixture.wire_types.proto === 'fixint') expect(toHex(encodeFrame(frame))).toBe(fixture.hex);
  });

  test('its body, if it is MessagePack, has the same meaning written again', () => {
    if (!hasValue(frame)) return;
    const value = decode(frame.body);
    expect(decode(encode(value))).toEqual(value);
  });

  test('the catalogue reads it', () => {
    const message = messageFor(fixture, frame.proto);
    if (message) expect(message.read(frame).props).toBeDefined();
  });
});

function withoutInt64(props: { readonly [key: string]: unknown }): unknown {
  return Object.fromEntries(
    Object.entries(props).map(([key, value]) => [key, typeof value === 'bigint' ? Number(value) : value]),
  );
}

/** COMPAT 1.3 to 1.6: which bodies are MessagePack. */
function hasValue({ proto, typ, body }: { proto: number; typ: string; body: Uint8Array }): boolean {
  if (body.length === 0 || proto === PROTO.shell || proto === PROTO.menderclient) return false;
  return typ !== 'file_chunk' && typ !== 'forward';
}

function messageFor({ direction, typ }: CapturedFrame, proto: number): Message<unknown, unknown> | undefined {
  const fromDevice = direction.startsWith('mender-connect');
  if (proto === PROTO.control) return { open: controlOpen, accept: controlAccept, error: controlError }[typ];
  if (proto !== PROTO.shell) return undefined;
  return fromDevice
    ? { new: shellStarted, shell: shellOutput, stop: shellStopped, ping: shellPing }[typ]
    : { new: shellNew, shell: shellInput, stop: shellStop, resize: shellResize }[typ];
}
