/** Recovery codes: 80 random bits that can be read out and typed, for when the authenticator app is lost. */
import { createHash, randomBytes } from 'node:crypto';

const COUNT = 10;
const LENGTH = 16;
/** Crockford's base32: neither I, L, O nor U, which look like others. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const FORM = new RegExp(`^[${ALPHABET}]{${LENGTH}}$`);

/** Ten of them, as `x7qe-03fk-9mzt-w2ad`. */
export function createRecoveryCodes(): string[] {
  return Array.from({ length: COUNT }, () => {
    const text = Array.from(randomBytes(LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
    return text.match(/.{4}/g)!.join('-');
  });
}

/** What is kept of a code; undefined when the text can't be one. How it was typed doesn't matter. */
export function hashRecoveryCode(userId: string, text: string): Buffer | undefined {
  const code = text.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1');
  return FORM.test(code) ? createHash('sha256').update(`${userId} ${code}`).digest() : undefined;
}
