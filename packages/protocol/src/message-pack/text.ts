/** Reads UTF-8. The same few keys, types and session ids come in every frame, so short strings are remembered. */

/** The string in `bytes` from `start` to `end`, or undefined when that isn't UTF-8. */
export function readString(bytes: Uint8Array, start: number, end: number): string | undefined {
  const size = end - start;
  if (size === 0) return '';
  if (size > REMEMBERED_BYTES_MAX) return decodeText(bytes, start, end);
  let hash = size;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
  // Two places for a hash, so that two strings of one message with the same hash don't drive each other out; the
  // multiplication (Knuth's) spreads what 31 leaves close together.
  const first = (Math.imul(hash, 0x9e37_79b1) >>> (32 - HASH_BITS)) * 2;
  if (isString(remembered[first]!, bytes, start, size)) return remembered[first];
  if (isString(remembered[first + 1]!, bytes, start, size)) return remembered[first + 1];
  const string = decodeText(bytes, start, end);
  // As long in UTF-16 units as in bytes means ASCII, and only that may be compared unit by byte.
  if (string?.length === size) {
    remembered[first + 1] = remembered[first]!;
    remembered[first] = string;
  }
  return string;
}

function isString(known: string, bytes: Uint8Array, start: number, size: number): boolean {
  if (known.length !== size) return false;
  for (let i = 0; i < size; i++) if (known.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}

/** Long enough for a session id, which is a UUID. */
const REMEMBERED_BYTES_MAX = 36;
/** With the length above this bounds what hostile strings can make us keep. */
const HASH_BITS = 9;
const remembered: string[] = Array.from({ length: 2 * 2 ** HASH_BITS }, () => '');

const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeText(bytes: Uint8Array, start: number, end: number): string | undefined {
  try {
    return text.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}
