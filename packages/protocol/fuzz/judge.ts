/** What must hold for any bytes at all. */
import * as surface from '../src/mod.ts';
import {
  decode,
  decodeFrame,
  encode,
  encodeFrame,
  isMap,
  ProtocolError,
  Timestamp,
  type Frame,
  type Message,
  type ProtocolErrorCode,
  type Value,
} from '../src/mod.ts';
import { VALUES_MAX } from '../src/limits.ts';
import { toHex } from '../conformance/notation.ts';

type AnyMessage = Message<unknown, unknown>;
const catalogue = Object.values<unknown>(surface).filter(
  (value): value is AnyMessage => typeof value === 'object' && value !== null && 'proto' in value && 'typ' in value,
);

/**
 * Reads the bytes as a value, as a frame and as messages. They are refused with a ProtocolError, and its code is
 * returned; or they are read, in bounds, and what was read can be written and read again without a change.
 * Throws an Error that names the bytes if one of these doesn't hold.
 */
export function judge(bytes: Uint8Array): ProtocolErrorCode | 'taken' {
  try {
    const code = judgeValue(bytes);
    judgeFrame(bytes);
    return code;
  } catch (error) {
    throw new Error(`the bytes ${toHex(bytes.subarray(0, 4096))} were not handled well`, { cause: error });
  }
}

function judgeValue(bytes: Uint8Array): ProtocolErrorCode | 'taken' {
  const read = attempt(() => decode(bytes));
  if (read.refused !== undefined) return read.refused;
  const size = measure(read.value);
  if (size.values > VALUES_MAX) throw new Error(`${size.values} values were made`);
  if (size.characters > bytes.length) throw new Error(`${size.characters} characters were made`);
  const written = encode(read.value);
  const again = decode(written);
  if (!isSame(again, read.value)) throw new Error(`it means another thing when written as ${toHex(written)}`);
  if (!Bun.deepEquals(encode(again), written)) throw new Error('it is written differently a second time');
  return 'taken';
}

function judgeFrame(bytes: Uint8Array): void {
  const read = attempt(() => decodeFrame(bytes, bytes.length));
  if (read.refused !== undefined) return;
  const frame = read.value;
  const again = decodeFrame(encodeFrame(frame), Number.MAX_SAFE_INTEGER);
  if (!isSame(valueOf(again), valueOf(frame))) throw new Error('the frame means another thing when written');
  for (const message of catalogue) if (message.is(frame)) judgeMessage(message, frame);
}

function judgeMessage(message: AnyMessage, frame: Frame): void {
  const read = attempt(() => message.read(frame));
  if (read.refused !== undefined) return;
  const { props, body } = read.value;
  const again = message.read(decodeFrame(encodeFrame(message.frame(props, body, frame.sid)), Number.MAX_SAFE_INTEGER));
  if (!isSame(again as unknown as Value, read.value as unknown as Value))
    throw new Error('the message means another thing when written');
}

type Attempt<T> = { readonly refused: ProtocolErrorCode } | { readonly refused?: undefined; readonly value: T };

function attempt<T>(read: () => T): Attempt<T> {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof ProtocolError) return { refused: error.code };
    throw error;
  }
}

/** How much memory a value stands for: its parts and map keys, and the characters of its strings. */
export function measure(value: Value): { values: number; characters: number } {
  if (typeof value === 'string') return { values: 1, characters: value.length };
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array || value instanceof Timestamp)
    return { values: 1, characters: 0 };
  const size = { values: 1, characters: 0 };
  const add = (item: Value): void => {
    const { values, characters } = measure(item);
    size.values += values;
    size.characters += characters;
  };
  if (!isMap(value)) for (const item of value) add(item);
  else {
    for (const [key, item] of Object.entries(value)) {
      add(key);
      add(item);
    }
    // An engine keeps "999" as the slot of an array of 1,000, as far as it keeps arrays.
    const slots = Object.keys(value).filter((key) => /^(0|[1-9]\d{0,3})$/.test(key) && Number(key) < 1024);
    if (slots.length > 0) size.values += Math.max(...slots.map(Number)) + 1 - slots.length;
  }
  return size;
}

/** The same meaning: all but for −2^31 and below, where a whole number and an int64 have one form (see value.ts). */
function isSame(a: Value | undefined, b: Value | undefined): boolean {
  if (typeof a === 'bigint' || typeof b === 'bigint') return isInteger(a) && isInteger(b) && BigInt(a) === BigInt(b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  if (a instanceof Uint8Array || a instanceof Timestamp) return Bun.deepEquals(a, b, true);
  if (isList(a) || isList(b))
    return isList(a) && isList(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  if (!isMap(a) || !isMap(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]));
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function isInteger(value: Value | undefined): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value) && value < -(2 ** 31));
}

function valueOf({ proto, typ, sid, props, body }: Frame): Value {
  return { proto, typ, sid, props, body };
}
