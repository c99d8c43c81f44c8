/** Join codes as people read and type them: sixteen characters of Crockford's base 32, which are 80 bits. */
import { createHash, randomBytes } from 'node:crypto';

/** Without I, L, O and U, which are taken for others. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 16;
const GROUP_LENGTH = 4;

/** A fresh code, as `7K3M-9QXT-02VB-HD5E`. */
export function createJoinCode(): string {
  const letters = Array.from(randomBytes(LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]!);
  return letters
    .join('')
    .match(new RegExp(`.{${GROUP_LENGTH}}`, 'g'))!
    .join('-');
}

/** A code with a letter too many or too few is still meant as one. */
const LOOKS_LIKE_A_CODE = new RegExp(`^[${ALPHABET}]{${LENGTH / 2},${LENGTH * 2}}$`);

/**
 * Whether a tenant token is meant as a join code: Mender's clients may carry one of another system, which is longer and of
 * other letters, and their open source server takes no notice of it.
 */
export function isJoinCode(tenantToken: string): boolean {
  return LOOKS_LIKE_A_CODE.test(normalised(tenantToken));
}

/** SHA-256 of what was typed: case, spaces and hyphens don't matter, nor whether somebody read O for 0 or I for 1. */
export function joinCodeHash(typed: string): Buffer {
  return createHash('sha256').update(normalised(typed)).digest();
}

function normalised(typed: string): string {
  return typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
}

/**
 * What a QR code holds to set a gateway up: where the server is, the code, and what to know the server's CA by.
 * @param caFingerprint SHA-256 of the CA's DER as hex; undefined where the system's authorities sign the server
 */
export function joinPayload(server: string, code: string, caFingerprint: string | undefined): string {
  const query = new URLSearchParams({ server, code, ...(caFingerprint ? { ca: caFingerprint } : {}) });
  return `lovely://join?${query.toString()}`;
}
