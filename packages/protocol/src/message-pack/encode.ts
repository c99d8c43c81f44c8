/** The MessagePack writer: always the smallest form, but for `bigint`, which is always an int64 (see value.ts). */
import { DEPTH_MAX } from '../limits.ts';
import { isMap, Timestamp, type Value } from './value.ts';

/** Writes one value. Entries whose value is `undefined` are left out. Throws RangeError for what has no wire form. */
export function encode(value: Value): Uint8Array {
  at = 0;
  write(value, 0);
  return buffer.slice(0, at);
}

// One scratch buffer for all calls: encoding is synchronous, and a fresh buffer a call costs more than the encoding.
const SCRATCH_BYTES = 64 * 1024;
let buffer = new Uint8Array(SCRATCH_BYTES);
let view = new DataView(buffer.buffer);
let at = 0;
const text = new TextEncoder();

function write(value: Value, depth: number): void {
  if (depth > DEPTH_MAX) throw new RangeError(`values nest deeper than ${DEPTH_MAX}`);
  if (value === null) put8(0xc0);
  else if (typeof value === 'boolean') put8(value ? 0xc3 : 0xc2);
  else if (typeof value === 'number') writeNumber(value);
  else if (typeof value === 'bigint') writeInt64(value);
  else if (typeof value === 'string') writeString(value);
  else if (value instanceof Uint8Array) writeBinary(value);
  else if (value instanceof Timestamp) writeTimestamp(value);
  else if (isMap(value)) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    writeSize(entries.length, 0x80, 15, 0xde);
    for (const [key, item] of entries) {
      writeString(key);
      write(item, depth + 1);
    }
  } else {
    writeSize(value.length, 0x90, 15, 0xdc);
    for (const item of value) write(item, depth + 1);
  }
}

function writeNumber(value: number): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    reserve(9);
    buffer[at] = 0xcb;
    view.setFloat64(at + 1, value);
    at += 9;
  } else if (value >= 0) {
    if (value < 0x80) put8(value);
    else if (value <= 0xff) (put8(0xcc), put8(value));
    else if (value <= 0xffff) (put8(0xcd), put16(value));
    else if (value <= 0xffff_ffff) (put8(0xce), put32(value));
    else (put8(0xcf), put64(BigInt(value)));
  } else if (value >= -0x20) put8(value & 0xff);
  else if (value >= -0x80) (put8(0xd0), put8(value & 0xff));
  else if (value >= -0x8000) (put8(0xd1), put16(value & 0xffff));
  else if (value >= -0x8000_0000) (put8(0xd2), put32(value >>> 0));
  else writeInt64(BigInt(value));
}

function writeInt64(value: bigint): void {
  if (BigInt.asIntN(64, value) !== value) throw new RangeError(`${value} does not fit into an int64`);
  put8(0xd3);
  put64(value);
}

function writeString(value: string): void {
  // A UTF-16 unit becomes at most 3 bytes of UTF-8.
  reserve(5 + value.length * 3);
  const headBytes = value.length < 32 / 3 ? 1 : value.length <= 0xff / 3 ? 2 : value.length <= 0xffff / 3 ? 3 : 5;
  const { written } = text.encodeInto(value, buffer.subarray(at + headBytes));
  if (headBytes === 1) buffer[at] = 0xa0 | written;
  else if (written < 32) {
    buffer[at] = 0xa0 | written;
    buffer.copyWithin(at + 1, at + headBytes, at + headBytes + written);
    at += 1 + written;
    return;
  } else if (headBytes === 2) {
    buffer[at] = 0xd9;
    buffer[at + 1] = written;
  } else if (headBytes === 3) {
    buffer[at] = 0xda;
    view.setUint16(at + 1, written);
  } else {
    buffer[at] = 0xdb;
    view.setUint32(at + 1, written);
  }
  at += headBytes + written;
}

function writeBinary(value: Uint8Array): void {
  if (value.length <= 0xff) (put8(0xc4), put8(value.length));
  else if (value.length <= 0xffff) (put8(0xc5), put16(value.length));
  else (put8(0xc6), put32(value.length));
  reserve(value.length);
  buffer.set(value, at);
  at += value.length;
}

function writeTimestamp({ seconds, nanoseconds }: Timestamp): void {
  if (nanoseconds === 0 && seconds >= 0 && seconds <= 0xffff_ffff) {
    put8(0xd6);
    put8(0xff);
    put32(seconds);
  } else if (seconds >= 0 && seconds < 2 ** 34) {
    put8(0xd7);
    put8(0xff);
    put64((BigInt(nanoseconds) << 34n) | BigInt(seconds));
  } else {
    put8(0xc7);
    put8(12);
    put8(0xff);
    put32(nanoseconds);
    put64(BigInt(seconds));
  }
}

/** The head of a list or map: the short form up to `shortMax`, else 16 or 32 bits of size after `longTag`. */
function writeSize(size: number, shortTag: number, shortMax: number, longTag: number): void {
  if (size <= shortMax) put8(shortTag | size);
  else if (size <= 0xffff) (put8(longTag), put16(size));
  else (put8(longTag + 1), put32(size));
}

function put8(value: number): void {
  reserve(1);
  buffer[at++] = value;
}

function put16(value: number): void {
  reserve(2);
  view.setUint16(at, value);
  at += 2;
}

function put32(value: number): void {
  reserve(4);
  view.setUint32(at, value);
  at += 4;
}

function put64(value: bigint): void {
  reserve(8);
  view.setBigInt64(at, BigInt.asIntN(64, value));
  at += 8;
}

function reserve(size: number): void {
  if (at + size <= buffer.length) return;
  const larger = new Uint8Array(Math.max(buffer.length * 2, at + size));
  larger.set(buffer.subarray(0, at));
  buffer = larger;
  view = new DataView(buffer.buffer);
}
