/** A strict MessagePack reader for hostile input: it checks every length against what is left before it allocates. */
import { ProtocolError } from '../error.ts';
import { DEPTH_MAX, MAP_ENTRIES_MAX, STRING_BYTES_MAX, VALUES_MAX } from '../limits.ts';
import { Timestamp, type Value } from './value.ts';

/**
 * Reads the one value that `bytes` hold. Binary values are views into `bytes`, not copies.
 * Throws ProtocolError and never anything else; time and memory are bounded by the length of `bytes`.
 */
export function decode(bytes: Uint8Array): Value {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.left > 0) throw new ProtocolError('trailing', `${reader.left} bytes follow the value`);
  return value;
}

const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const ASCII_FAST_PATH_BYTES = 32;

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #values = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  value(depth: number): Value {
    if (++this.#values > VALUES_MAX) throw new ProtocolError('too-many', `more than ${VALUES_MAX} values in one frame`);
    const tag = this.#bytes[this.#take(1)]!;
    if (tag < 0x80) return tag;
    if (tag < 0x90) return this.#map(tag & 0x0f, depth);
    if (tag < 0xa0) return this.#list(tag & 0x0f, depth);
    if (tag < 0xc0) return this.#string(tag & 0x1f);
    if (tag >= 0xe0) return tag - 0x100;
    switch (tag) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return this.#binary(this.#uint8());
      case 0xc5:
        return this.#binary(this.#uint16());
      case 0xc6:
        return this.#binary(this.#uint32());
      case 0xc7:
        return this.#extension(this.#uint8());
      case 0xca:
        return this.#view.getFloat32(this.#take(4));
      case 0xcb:
        return this.#view.getFloat64(this.#take(8));
      case 0xcc:
        return this.#uint8();
      case 0xcd:
        return this.#uint16();
      case 0xce:
        return this.#uint32();
      case 0xcf:
        return this.#uint64();
      case 0xd0:
        return this.#view.getInt8(this.#take(1));
      case 0xd1:
        return this.#view.getInt16(this.#take(2));
      case 0xd2:
        return this.#view.getInt32(this.#take(4));
      case 0xd3:
        return this.#view.getBigInt64(this.#take(8));
      case 0xd6:
        return this.#extension(4);
      case 0xd7:
        return this.#extension(8);
      case 0xd9:
        return this.#string(this.#uint8());
      case 0xda:
        return this.#string(this.#uint16());
      case 0xdb:
        return this.#string(this.#uint32());
      case 0xdc:
        return this.#list(this.#uint16(), depth);
      case 0xdd:
        return this.#list(this.#uint32(), depth);
      case 0xde:
        return this.#map(this.#uint16(), depth);
      case 0xdf:
        return this.#map(this.#uint32(), depth);
      default:
        throw new ProtocolError('unsupported', `MessagePack type 0x${tag.toString(16)} is not used on this wire`);
    }
  }

  /** Moves on by `size` bytes and returns where they start. */
  #take(size: number): number {
    if (size > this.left) throw new ProtocolError('truncated', `${size} bytes announced, ${this.left} left`);
    const start = this.#at;
    this.#at += size;
    return start;
  }

  #uint8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  #uint16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  #uint32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  #uint64(): Value {
    const value = this.#view.getBigUint64(this.#take(8));
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }

  #binary(size: number): Uint8Array {
    const start = this.#take(size);
    return this.#bytes.subarray(start, start + size);
  }

  #string(size: number): string {
    if (size > STRING_BYTES_MAX) throw new ProtocolError('too-long', `a string of ${size} bytes, ${STRING_BYTES_MAX} allowed`);
    const start = this.#take(size);
    if (size <= ASCII_FAST_PATH_BYTES) {
      let ascii = '';
      let at = start;
      for (; at < this.#at && this.#bytes[at]! < 0x80; at++) ascii += String.fromCharCode(this.#bytes[at]!);
      if (at === this.#at) return ascii;
    }
    try {
      return text.decode(this.#bytes.subarray(start, this.#at));
    } catch {
      throw new ProtocolError('bad-text', 'a string is not valid UTF-8');
    }
  }

  #list(size: number, depth: number): Value[] {
    this.#enter(size, 1, depth);
    const list: Value[] = [];
    for (let i = 0; i < size; i++) list.push(this.value(depth + 1));
    return list;
  }

  #map(size: number, depth: number): { [key: string]: Value } {
    if (size > MAP_ENTRIES_MAX) throw new ProtocolError('too-many', `a map of ${size} entries, ${MAP_ENTRIES_MAX} allowed`);
    this.#enter(size, 2, depth);
    const map: { [key: string]: Value } = {};
    for (let i = 0; i < size; i++) {
      const key = this.value(depth + 1);
      if (typeof key !== 'string') throw new ProtocolError('bad-key', 'a map key is not a string');
      if (key === '__proto__' || Object.hasOwn(map, key)) throw new ProtocolError('bad-key', `the map key "${key.slice(0, 40)}" is not allowed or stands twice`);
      map[key] = this.value(depth + 1);
    }
    return map;
  }

  /** Refuses a collection that nests too deep or announces more items than bytes are left. */
  #enter(size: number, bytesPerItem: number, depth: number): void {
    if (depth >= DEPTH_MAX) throw new ProtocolError('too-deep', `values nest deeper than ${DEPTH_MAX}`);
    if (size * bytesPerItem > this.left) throw new ProtocolError('truncated', `${size} items announced, ${this.left} bytes left`);
  }

  #extension(size: number): Timestamp {
    const type = this.#view.getInt8(this.#take(1));
    if (type !== -1) throw new ProtocolError('unsupported', `extension type ${type} is not used on this wire`);
    const start = this.#take(size);
    if (size === 4) return new Timestamp(this.#view.getUint32(start));
    if (size === 8) {
      const high = this.#view.getUint32(start);
      return timestamp((high & 3) * 2 ** 32 + this.#view.getUint32(start + 4), high >>> 2);
    }
    if (size === 12) return timestamp(Number(this.#view.getBigInt64(start + 4)), this.#view.getUint32(start));
    throw new ProtocolError('unsupported', `a timestamp of ${size} bytes`);
  }
}

function timestamp(seconds: number, nanoseconds: number): Timestamp {
  if (nanoseconds > 999_999_999 || !Number.isSafeInteger(seconds)) throw new ProtocolError('unsupported', 'a timestamp out of range');
  return new Timestamp(seconds, nanoseconds);
}
