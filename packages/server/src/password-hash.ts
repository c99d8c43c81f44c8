/** Passwords at rest: argon2id (RFC 9106), with parameters that stand in each hash, so that they can be raised later. */
import { randomBytes } from 'node:crypto';

/** The second recommended option of RFC 9106, section 4, with one lane, as Bun has no more. */
const MEMORY_KIB = 64 * 1024;
const PASSES = 3;
const CURRENT = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=1$`;

export async function hashPassword(password: string): Promise<string> {
  return await Bun.password.hash(normalized(password), {
    algorithm: 'argon2id',
    memoryCost: MEMORY_KIB,
    timeCost: PASSES,
  });
}

/** Whether it is the password; takes as long where there is no hash, be it undefined or empty. */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const isRight = await Bun.password.verify(normalized(password), hash || (await decoy())).catch(() => false);
  return isRight && Boolean(hash);
}

/** Whether the hash was made with other parameters than one made now. */
export function isOutdated(hash: string): boolean {
  return !hash.startsWith(CURRENT);
}

let ofNobody: Promise<string> | undefined;

/** The hash of what nobody knows. */
function decoy(): Promise<string> {
  return (ofNobody ??= hashPassword(randomBytes(32).toString('hex')));
}

/** Keyboards write the same letter in different code points (RFC 8265 section 4.2). */
function normalized(password: string): string {
  return password.normalize('NFC');
}
