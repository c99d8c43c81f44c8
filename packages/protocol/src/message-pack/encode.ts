/**
 * The MessagePack writer: always the smallest form, but for `bigint`, which is an int64 (see value.ts). It writes only
 * what the reader of decode.ts takes.
 */
import { DEPTH_MAX, MAP_ENTRIES_MAX, STRING_BYTES_MAX, VALUES_MAX } from '../limits.ts';
import { slotOf } from './slot.ts';
import { Timestamp, type Value } from './value.ts';

/**
 * Writes one value, made of at most `valuesMax` values. Entries whose value is `undefined` are left out; half of a
 * surrogate pair, which UTF-8 can't hold, becomes U+FFFD. Throws RangeError for what has no wire form or is over a
 * limit.
 */
export function encode(value: Value, valuesMax = VALUES_MAX): Uint8Array {
  const start = at;
  const budgetBefore = budget;
  budget = valuesMax;
  try {
    write(value, 0);
    return buffer.slice(start, at);
  } finally {
    // A getter may have called us from inside another call, which goes on where it was.
    at = start;
    budget = budgetBefore;
    if (start === 0 && buffer.length > SCRATCH_BYTES) setBuffer(new Uint8Array(SCRATCH_BYTES));
  }
}

// One scratch buffer for all calls: encoding is synchronous, and a fresh buffer a call costs more than the encoding.
const SCRATCH_BYTES = 64 * 1024;
let buffer = new Uint8Array(SCRATCH_BYTES);
let view = new DataView(buffer.buffer);
let at = 0;
/** How many more values may be written. */
let budget = 0;

const text = new TextEncoder();

function write(value: Value, depth: number): void {
  spend(1);
  switch (typeof value) {
    case 'number':
      return writeNumber(value);
    case 'string':
      return writeString(value);
    case 'boolean':
      return writeTag(value ? 0xc3 : 0xc2);
    case 'bigint':
      return writeBigint(value);
    case 'object':
      if (value === null) return writeTag(0xc0);
      if (Array.isArray(value)) return writeList(value, depth);
      if (value instanceof Uint8Array) return writeBinary(value);
      if (value instanceof Timestamp) return writeTimestamp(value);
      return writeMap(value as { readonly [key: string]: Value }, depth);
    default:
      throw new RangeError(`a value of type ${typeof value} has no wire form`);
  }
}

function writeTag(tag: number): void {
  reserve(1);
  put8(tag);
}

function spend(values: number): void {
  budget -= values;
  if (budget < 0) throw new RangeError('more values than one message may hold');
}

function writeList(list: readonly Value[], depth: number): void {
  enter(depth);
  writeSize(list.length, 0x90, 0xdc);
  for (let i = 0; i < list.length; i++) write(list[i]!, depth + 1);
}

function writeMap(map: { readonly [key: string]: Value }, depth: number): void {
  enter(depth);
  const prototype: unknown = Object.getPrototypeOf(map);
  if (prototype !== Object.prototype && prototype !== null)
    throw new RangeError('an object that is not a plain map has no wire form');
  const keys = Object.keys(map);
  let size = keys.length;
  for (const key of keys) if (map[key] === undefined) size--;
  if (size > MAP_ENTRIES_MAX) throw new RangeError(`a map of ${size} entries, ${MAP_ENTRIES_MAX} allowed`);
  writeSize(size, 0x80, 0xde);
  let slots = 0;
  for (const key of keys) {
    const value = map[key];
    if (value === undefined) continue;
    if (key === '__proto__') throw new RangeError('the map key "__proto__" is not allowed');
    const slot = slotOf(key);
    spend(slot >= slots ? 1 + slot - slots : 1);
    slots = Math.max(slots, slot + 1);
    writeString(key, true);
    write(value, depth + 1);
  }
}

function enter(depth: number): void {
  if (depth >= DEPTH_MAX) throw new RangeError(`values nest deeper than ${DEPTH_MAX}`);
}

function writeNumber(value: number): void {
  reserve(9);
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    put8(0xcb);
    view.setFloat64(at, value);
    at += 8;
  } else if (value >= -0x20 && value < 0x80) put8(value);
  else if (value >= 0) {
    if (value <= 0xff) putTagged8(0xcc, value);
    else if (value <= 0xffff) putTagged16(0xcd, value);
    else if (value <= 0xffff_ffff) putTagged32(0xce, value);
    else putTagged64(0xcf, value);
  } else if (value >= -0x80) putTagged8(0xd0, value);
  else if (value >= -0x8000) putTagged16(0xd1, value);
  else if (value >= -0x8000_0000) putTagged32(0xd2, value);
  else putTagged64(0xd3, value);
}

function writeBigint(value: bigint): void {
  const isInt64 = BigInt.asIntN(64, value) === value;
  if (!isInt64 && BigInt.asUintN(64, value) !== value)
    throw new RangeError('a bigint of more than 64 bits has no wire form');
  reserve(9);
  put8(isInt64 ? 0xd3 : 0xcf);
  view.setBigInt64(at, value);
  at += 8;
}

function writeString(value: string, isKey = false): void {
  const length = value.length;
  if (length > STRING_BYTES_MAX) throw tooLong(length);
  // A UTF-16 unit becomes at most 3 bytes of UTF-8.
  reserve(5 + length * 3);
  if (length < 32 && writeShortAscii(value)) return;
  if (isKey && LONE_SURROGATE.test(value)) throw new RangeError('half of a surrogate pair in a map key');
  const headGuess = textHeadBytes(length);
  const { written } = text.encodeInto(value, buffer.subarray(at + headGuess));
  if (written > STRING_BYTES_MAX) throw tooLong(written);
  const head = textHeadBytes(written);
  if (head !== headGuess) buffer.copyWithin(at + head, at + headGuess, at + headGuess + written);
  if (head === 1) put8(0xa0 | written);
  else if (head === 2) putTagged8(0xd9, written);
  else if (head === 3) putTagged16(0xda, written);
  else putTagged32(0xdb, written);
  at += written;
}

/** Most strings are short keys, for which calling the platform's encoder costs more than the encoding. */
function writeShortAscii(value: string): boolean {
  const start = at + 1;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    if (unit >= 0x80) return false;
    buffer[start + i] = unit;
  }
  put8(0xa0 | value.length);
  at += value.length;
  return true;
}

// Two such keys would become the same key; with the u flag a whole pair is one code point and doesn't match.
const LONE_SURROGATE = /\p{Surrogate}/u;

function textHeadBytes(size: number): number {
  return size < 32 ? 1 : size <= 0xff ? 2 : size <= 0xffff ? 3 : 5;
}

function tooLong(size: number): RangeError {
  return new RangeError(`a string of ${size} bytes or more, ${STRING_BYTES_MAX} allowed`);
}

function writeBinary(value: Uint8Array): void {
  const size = value.length;
  reserve(5 + size);
  if (size <= 0xff) putTagged8(0xc4, size);
  else if (size <= 0xffff) putTagged16(0xc5, size);
  else putTagged32(0xc6, size);
  buffer.set(value, at);
  at += size;
}

/** −1 as a byte. */
const TIMESTAMP_TYPE = 0xff;

function writeTimestamp({ seconds, nanoseconds }: Timestamp): void {
  if (!Number.isSafeInteger(seconds) || !Number.isInteger(nanoseconds) || nanoseconds < 0 || nanoseconds > 999_999_999)
    throw new RangeError('a timestamp is whole seconds and 0 to 999,999,999 nanoseconds');
  reserve(15);
  const secondsHigh = Math.floor(seconds / 2 ** 32);
  if (nanoseconds === 0 && secondsHigh === 0) {
    putTagged8(0xd6, TIMESTAMP_TYPE);
    put32(seconds);
  } else if (secondsHigh >= 0 && secondsHigh < 4) {
    putTagged8(0xd7, TIMESTAMP_TYPE);
    put32(nanoseconds * 4 + secondsHigh);
    put32(seconds);
  } else {
    putTagged8(0xc7, 12);
    putTagged32(TIMESTAMP_TYPE, nanoseconds);
    put32(secondsHigh);
    put32(seconds);
  }
}

/** The head of a list or map: the short form up to 15 items, else 16 or 32 bits of size after `longTag`. */
function writeSize(size: number, shortTag: number, longTag: number): void {
  reserve(5);
  if (size <= 15) put8(shortTag | size);
  else if (size <= 0xffff) putTagged16(longTag, size);
  else putTagged32(longTag + 1, size);
}

// These keep the low bits of `value`, which for a negative number is its two's complement; callers reserve the room.
function put8(value: number): void {
  buffer[at++] = value;
}

function put32(value: number): void {
  view.setUint32(at, value);
  at += 4;
}

function putTagged8(tag: number, value: number): void {
  buffer[at++] = tag;
  buffer[at++] = value;
}

function putTagged16(tag: number, value: number): void {
  buffer[at++] = tag;
  view.setUint16(at, value);
  at += 2;
}

function putTagged32(tag: number, value: number): void {
  buffer[at++] = tag;
  put32(value);
}

function putTagged64(tag: number, value: number): void {
  buffer[at++] = tag;
  put32(Math.floor(value / 2 ** 32));
  put32(value);
}

function reserve(size: number): void {
  if (at + size <= buffer.length) return;
  const larger = new Uint8Array(Math.max(buffer.length * 2, at + size));
  larger.set(buffer.subarray(0, at));
  setBuffer(larger);
}

function setBuffer(bytes: Uint8Array<ArrayBuffer>): void {
  buffer = bytes;
  view = new DataView(bytes.buffer);
}
