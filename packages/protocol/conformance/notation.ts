/**
 * MessagePack values as JSON that any language can read without losing what JSON doesn't have:
 *
 *     {"$bin": "00ff"}              binary, in hex
 *     {"$int64": "-5"}              an int64 (0xd3), which on this wire stays one
 *     {"$uint64": "18446744073709551615"}   an integer over the largest int64
 *     {"$float": "NaN"}             NaN, Infinity, -Infinity, -0
 *     {"$timestamp": [1, 999]}      seconds and nanoseconds
 *     {"$map": [["$key", 1]]}       a map with a key that starts with "$"
 *
 * All else is as in JSON: a whole number is a MessagePack integer of any size up to 53 bits, another number a float.
 */
import { isMap, Timestamp, type Value, type ValueMap } from '../src/mod.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export function toNotation(value: Value): Json {
  if (typeof value === 'bigint') return { [BigInt.asIntN(64, value) === value ? '$int64' : '$uint64']: `${value}` };
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0) ? value : { $float: floatName(value) };
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return { $bin: toHex(value) };
  if (value instanceof Timestamp) return { $timestamp: [value.seconds, value.nanoseconds] };
  if (!isMap(value)) return value.map(toNotation);
  const entries = Object.entries(value).map(([key, item]) => [key, toNotation(item)] as const);
  return entries.some(([key]) => key.startsWith('$')) ? { $map: entries } : Object.fromEntries(entries);
}

export function fromNotation(json: Json): Value {
  if (json === null || typeof json !== 'object') return json;
  if (isJsonList(json)) return json.map(fromNotation);
  if (typeof json.$bin === 'string') return fromHex(json.$bin);
  if (typeof json.$int64 === 'string') return BigInt(json.$int64);
  if (typeof json.$uint64 === 'string') return BigInt(json.$uint64);
  if (typeof json.$float === 'string') return Number(json.$float);
  if (json.$timestamp !== undefined) return new Timestamp(...(json.$timestamp as [number, number]));
  const entries = (json.$map as readonly (readonly [string, Json])[] | undefined) ?? Object.entries(json);
  return Object.fromEntries(entries.map(([key, item]) => [key, fromNotation(item)])) satisfies ValueMap;
}

export function toHex(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex;
}

export function fromHex(hex: string): Uint8Array {
  if (!/^([0-9a-f]{2})*$/.test(hex)) throw new SyntaxError('hex is an even number of the digits 0 to f');
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16));
}

function floatName(value: number): string {
  return Object.is(value, -0) ? '-0' : `${value}`;
}

function isJsonList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}
