/** Codes of links that work once: 256 bits of randomness, of which only the hash is kept. */
import { createHash, randomBytes } from 'node:crypto';

const CODE_BYTES = 32;

export function createOneTimeCode(): { readonly code: string; readonly hash: Buffer } {
  const code = randomBytes(CODE_BYTES).toString('base64url');
  return { code, hash: hashOneTimeCode(code) };
}

/** A plain hash does for what nobody can guess, and finding a row by it takes no time that tells about others. */
export function hashOneTimeCode(code: string): Buffer {
  return createHash('sha256').update(code).digest();
}
