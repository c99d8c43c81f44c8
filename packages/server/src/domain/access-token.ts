/**
 * Personal access tokens as text: a prefix that scanners for leaked secrets find, 32 random letters and digits (190
 * bits), and a checksum, so that a scanner tells one from a look-alike without asking us.
 */
import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const PREFIX = 'lovely_pat_';
const RANDOM_LENGTH = 32;
const CHECKSUM_LENGTH = 6;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const FORM = new RegExp(`^${PREFIX}([0-9A-Za-z]{${RANDOM_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`);

export function createAccessToken(): string {
  let random = '';
  while (random.length < RANDOM_LENGTH) {
    const [byte] = randomBytes(1);
    // The largest multiple of 62 below 256: beyond it some letters would come more often than others.
    if (byte! < 4 * ALPHABET.length) random += ALPHABET[byte! % ALPHABET.length];
  }
  return PREFIX + random + checksum(random);
}

/** Whether a bearer token is one of ours by its form. */
export function isAccessToken(text: string): boolean {
  const [, random, check] = FORM.exec(text) ?? [];
  return random !== undefined && checksum(random) === check;
}

/** What is kept of a token. It is random enough that nothing slower is needed. */
export function hashAccessToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** CRC-32 of the random part in base 62. */
function checksum(random: string): string {
  let rest = crc32(PREFIX + random);
  let text = '';
  for (let n = 0; n < CHECKSUM_LENGTH; n++) {
    text = ALPHABET[rest % ALPHABET.length] + text;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return text;
}
