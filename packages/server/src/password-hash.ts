/** Passwords at rest: argon2id (RFC 9106), with parameters that stand in each hash, so that they can be raised later. */
import { randomBytes } from 'node:crypto';

/** What a hash takes on purpose; one lane, as Bun has no more. */
export interface PasswordCost {
  readonly memoryKib: number;
  readonly passes: number;
}

/** The second recommended option of RFC 9106, section 4. */
export const PASSWORD_COST: PasswordCost = { memoryKib: 64 * 1024, passes: 3 };

export async function hashPassword(password: string, cost = PASSWORD_COST): Promise<string> {
  return await Bun.password.hash(normalized(password), {
    algorithm: 'argon2id',
    memoryCost: cost.memoryKib,
    timeCost: cost.passes,
  });
}

/** Whether it is the password; takes as long where there is no hash, be it undefined or empty. */
export async function isPassword(password: string, hash: string | undefined, cost = PASSWORD_COST): Promise<boolean> {
  const isRight = await Bun.password.verify(normalized(password), hash || (await decoyOf(cost))).catch(() => false);
  return isRight && Boolean(hash);
}

/** Whether the hash was made with other parameters than one made now. */
export function isOutdated(hash: string, cost = PASSWORD_COST): boolean {
  return !hash.startsWith(`$argon2id$v=19$m=${cost.memoryKib},t=${cost.passes},p=1$`);
}

const decoys = new Map<PasswordCost, Promise<string>>();

/** The hash of what nobody knows. */
async function decoyOf(cost: PasswordCost): Promise<string> {
  const decoy = decoys.get(cost) ?? hashPassword(randomBytes(32).toString('hex'), cost);
  decoys.set(cost, decoy);
  return await decoy;
}

/** Keyboards write the same letter in different code points (RFC 8265 section 4.2). */
function normalized(password: string): string {
  return password.normalize('NFC');
}
