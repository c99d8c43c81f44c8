/** A strict MessagePack reader for hostile input: it checks every length against what is left before it allocates. */
import { ProtocolError } from '../error.ts';
import { DEPTH_MAX, MAP_ENTRIES_MAX, STRING_BYTES_MAX, VALUES_MAX } from '../limits.ts';
import { slotOf } from './slot.ts';
import { readString } from './text.ts';
import { Timestamp, type Value } from './value.ts';

/**
 * Reads the one value that `source` holds, made of at most `valuesMax` values. Binary values are views into `source`,
 * not copies. Throws ProtocolError and never anything else; time and memory are bounded by `valuesMax` and the length
 * of `source`.
 */
export function decode(source: Uint8Array, valuesMax = VALUES_MAX): Value {
  bytes = source;
  at = 0;
  budget = valuesMax;
  try {
    const value = readValue(0);
    if (at < bytes.length) throw new ProtocolError('trailing', `${bytes.length - at} bytes follow the value`);
    return value;
  } finally {
    bytes = NOTHING;
  }
}

// The state of the one call under way: nothing in here calls back, and a reader object per frame costs as much as the
// reading of its header (see docs/decisions/0001-own-messagepack-codec.md).
const NOTHING = new Uint8Array(0);
let bytes: Uint8Array = NOTHING;
let at = 0;
/** How many more values may be read. */
let budget = 0;

// Floats and int64 go through these eight bytes, which is cheaper than a DataView over every frame.
const word = new DataView(new ArrayBuffer(8));

function readValue(depth: number): Value {
  spend(1);
  const tag = readUint8();
  if (tag < 0x80) return tag;
  if (tag < 0x90) return readMap(tag & 0x0f, depth);
  if (tag < 0xa0) return readList(tag & 0x0f, depth);
  if (tag < 0xc0) return readText(tag & 0x1f);
  if (tag >= 0xe0) return tag - 0x100;
  switch (tag) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xc4:
      return readBinary(readUint8());
    case 0xc5:
      return readBinary(readUint16());
    case 0xc6:
      return readBinary(readUint32());
    case 0xc7:
      return readExtension(readUint8());
    case 0xca:
      return readWord(4).getFloat32(0);
    case 0xcb:
      return readWord(8).getFloat64(0);
    case 0xcc:
      return readUint8();
    case 0xcd:
      return readUint16();
    case 0xce:
      return readUint32();
    case 0xcf:
      return readUint64();
    case 0xd0:
      return (readUint8() << 24) >> 24;
    case 0xd1:
      return (readUint16() << 16) >> 16;
    case 0xd2:
      return readUint32() | 0;
    case 0xd3:
      return readWord(8).getBigInt64(0);
    case 0xd6:
      return readExtension(4);
    case 0xd7:
      return readExtension(8);
    case 0xd9:
    case 0xda:
    case 0xdb:
      return readText(readTextSize(tag));
    case 0xdc:
      return readList(readUint16(), depth);
    case 0xdd:
      return readList(readUint32(), depth);
    case 0xde:
      return readMap(readUint16(), depth);
    case 0xdf:
      return readMap(readUint32(), depth);
    default:
      throw new ProtocolError('unsupported', `MessagePack type 0x${tag.toString(16)} is not used on this wire`);
  }
}

function spend(values: number): void {
  budget -= values;
  if (budget < 0) throw tooMany();
}

function tooMany(): ProtocolError {
  return new ProtocolError('too-many', 'more values than one message may hold');
}

/** Moves on by `size` bytes and returns where they start. */
function take(size: number): number {
  const start = at;
  if (size > bytes.length - start)
    throw new ProtocolError('truncated', `${size} bytes announced, ${bytes.length - start} left`);
  at = start + size;
  return start;
}

function readUint8(): number {
  return bytes[take(1)]!;
}

function readUint16(): number {
  const start = take(2);
  return (bytes[start]! << 8) | bytes[start + 1]!;
}

function readUint32(): number {
  const start = take(4);
  return ((bytes[start]! << 24) | (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!) >>> 0;
}

function readUint64(): number | bigint {
  const high = readUint32();
  const low = readUint32();
  return high < 2 ** 21 ? high * 2 ** 32 + low : (BigInt(high) << 32n) | BigInt(low);
}

function readWord(size: 4 | 8): DataView {
  const start = take(size);
  for (let i = 0; i < size; i++) word.setUint8(i, bytes[start + i]!);
  return word;
}

function readBinary(size: number): Uint8Array {
  const start = take(size);
  // Not `subarray`: of a Buffer that is a Buffer again, whose `slice` doesn't copy.
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, size);
}

function readText(size: number): string {
  if (size > STRING_BYTES_MAX)
    throw new ProtocolError('too-long', `a string of ${size} bytes, ${STRING_BYTES_MAX} allowed`);
  const start = take(size);
  const string = readString(bytes, start, at);
  if (string === undefined) throw new ProtocolError('bad-text', 'a string is not valid UTF-8');
  return string;
}

function readTextSize(tag: number): number {
  return tag === 0xd9 ? readUint8() : tag === 0xda ? readUint16() : readUint32();
}

function readKey(): string {
  spend(1);
  const tag = readUint8();
  if (tag >= 0xa0 && tag < 0xc0) return readText(tag & 0x1f);
  if (tag >= 0xd9 && tag <= 0xdb) return readText(readTextSize(tag));
  throw new ProtocolError('bad-key', 'a map key is not a string');
}

function readList(size: number, depth: number): Value[] {
  enter(size, 1, depth);
  const list: Value[] = [];
  for (let i = 0; i < size; i++) list.push(readValue(depth + 1));
  return list;
}

function readMap(size: number, depth: number): { [key: string]: Value } {
  if (size > MAP_ENTRIES_MAX)
    throw new ProtocolError('too-many', `a map of ${size} entries, ${MAP_ENTRIES_MAX} allowed`);
  enter(size, 2, depth);
  const map: { [key: string]: Value } = {};
  let slots = 0;
  for (let i = 0; i < size; i++) {
    const key = readKey();
    if (key === '__proto__' || Object.hasOwn(map, key))
      throw new ProtocolError(
        'bad-key',
        `the map key ${JSON.stringify(key.slice(0, 40))} is not allowed or stands twice`,
      );
    const slot = slotOf(key);
    if (slot >= slots) spend(slot - slots);
    slots = Math.max(slots, slot + 1);
    map[key] = readValue(depth + 1);
  }
  return map;
}

/** Refuses a collection that nests too deep or announces more items than bytes or budget are left. */
function enter(size: number, valuesPerItem: 1 | 2, depth: number): void {
  if (depth >= DEPTH_MAX) throw new ProtocolError('too-deep', `values nest deeper than ${DEPTH_MAX}`);
  const values = size * valuesPerItem;
  if (values > bytes.length - at)
    throw new ProtocolError('truncated', `${size} items announced, ${bytes.length - at} bytes left`);
  if (values > budget) throw tooMany();
}

function readExtension(size: number): Timestamp {
  const type = (readUint8() << 24) >> 24;
  if (type !== -1) throw new ProtocolError('unsupported', `extension type ${type} is not used on this wire`);
  if (size === 4) return new Timestamp(readUint32());
  if (size === 8) {
    const high = readUint32();
    return timestamp((high & 3) * 2 ** 32 + readUint32(), high >>> 2);
  }
  if (size === 12) {
    const nanoseconds = readUint32();
    return timestamp(Number(readWord(8).getBigInt64(0)), nanoseconds);
  }
  throw new ProtocolError('unsupported', `a timestamp of ${size} bytes`);
}

function timestamp(seconds: number, nanoseconds: number): Timestamp {
  if (nanoseconds > 999_999_999 || !Number.isSafeInteger(seconds))
    throw new ProtocolError('unsupported', 'a timestamp out of range');
  return new Timestamp(seconds, nanoseconds);
}
