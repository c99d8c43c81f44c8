/** Lets no password through that somebody else would guess. */
import { weaknessOf } from '../domain/password.ts';
import { LovelyError } from '../errors.ts';

/** Throws 'weak-password'. Length is checked by the contract. */
export function requireGoodPassword(password: string, owner: { email: string; name: string }): void {
  const weakness = weaknessOf(password, owner);
  if (weakness !== undefined) throw new LovelyError('weak-password', weakness, { pointer: '/password' });
}
