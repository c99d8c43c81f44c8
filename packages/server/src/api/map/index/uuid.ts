/** UUIDs as four 32-bit words: 16 bytes in a typed array instead of some 60 as a string. */

const TEXT_LENGTH = 36;
/** Where the 32 digits stand in the text form, and between them the dashes. */
const DASH_PLACES = [8, 13, 18, 23];
const DIGIT_PLACES = Array.from({ length: TEXT_LENGTH }, (_, place) => place).filter(
  (place) => !DASH_PLACES.includes(place),
);
const DASH = 0x2d;

/** The value of every hexadecimal digit's character code; -1 for the others. */
const DIGIT_VALUES = Int8Array.from({ length: 128 }, (_, code) =>
  /[\da-f]/i.test(String.fromCharCode(code)) ? parseInt(String.fromCharCode(code), 16) : -1,
);
const DIGITS = new TextEncoder().encode('0123456789abcdef');

/** Reads the text form, of either case, into `words`. False when the text is not a UUID. */
export function parseUuid(text: string, words: Uint32Array): boolean {
  if (text.length !== TEXT_LENGTH) return false;
  for (let dash = 0; dash < 4; dash++) if (text.charCodeAt(DASH_PLACES[dash]!) !== DASH) return false;
  let digit = 0;
  for (let word = 0; word < 4; word++) {
    let bits = 0;
    for (const end = digit + 8; digit < end; digit++) {
      const value = DIGIT_VALUES[text.charCodeAt(DIGIT_PLACES[digit]!)] ?? -1;
      if (value < 0) return false;
      bits = (bits << 4) | value;
    }
    words[word] = bits;
  }
  return true;
}

/** Writes the text form, lower case, as 36 ASCII bytes. `words` holds the UUID's four words from `first` on. */
export function writeUuid(words: Uint32Array, first: number, bytes: Uint8Array, at: number): void {
  for (let digit = 0; digit < 32; digit++) {
    const value = (words[first + (digit >>> 3)]! >>> (28 - 4 * (digit & 7))) & 15;
    bytes[at + DIGIT_PLACES[digit]!] = DIGITS[value]!;
  }
  for (const place of DASH_PLACES) bytes[at + place] = DASH;
}

const text = new Uint8Array(TEXT_LENGTH);
const latin = new TextDecoder();

export function formatUuid(words: Uint32Array, first: number): string {
  writeUuid(words, first, text, 0);
  return latin.decode(text);
}

/** 32 well-mixed bits of a UUID, whichever version it is; another `seed` gives others. */
export function hashUuid(words: Uint32Array, first: number, seed: number): number {
  let hash = seed;
  for (let word = first; word < first + 4; word++) {
    hash = Math.imul(hash ^ words[word]!, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}
