/** The second step of a sign-in, and what somebody who is signed in shows to change their factors. */
import { hashRecoveryCode } from '../domain/recovery-code.ts';
import { findTotpStep, isTotpCode } from '../domain/totp.ts';
import { LovelyError } from '../errors.ts';
import { findTotpSecret, spendRecoveryCode, spendTotpStep, type TotpSecret } from '../store/factors.ts';
import { listPasskeys } from '../store/passkeys.ts';
import { totpSecret } from '../store/sealed.ts';
import type { Database } from '../store/store.ts';
import type { UserRecord } from '../store/users.ts';
import { recordAudit } from './change.ts';
import type { ApiContext, Person } from './context.ts';

/**
 * Asks for the second factor of a user whose password was right, if there is one, and uses it up.
 * @returns whether there was one
 * Throws 'second-factor-needed' without a code, 'bad-code' with a wrong one.
 */
export async function spendSecondFactor(
  context: Pick<ApiContext, 'store' | 'seal' | 'log'>,
  user: UserRecord,
  code: string | undefined,
  address: string,
): Promise<boolean> {
  const { database } = context.store;
  const secret = await findTotpSecret(database, user.id);
  if (!secret?.activeSince) return false;
  if (code === undefined || code.trim() === '') throw new LovelyError('second-factor-needed');
  if (await spendCode(context, database, user.id, secret, code)) return true;
  await recordAudit(database, user.tenant.id, {
    actor: { type: 'user', id: user.id, name: user.email },
    action: 'login.create',
    note: { object: { type: 'user', id: user.id, name: user.email } },
    result: 'bad-code',
    address,
  });
  throw new LovelyError('bad-code');
}

/** Whether it is a code of the app or a recovery code that was not used before; it is used now. */
export async function spendCode(
  { seal }: Pick<ApiContext, 'seal'>,
  database: Database,
  userId: string,
  { secret, lastStep }: TotpSecret,
  text: string,
): Promise<boolean> {
  const code = text.replaceAll(/[\s-]/g, '');
  if (isTotpCode(code)) {
    const step = findTotpStep(seal.open(totpSecret(userId), secret), code, lastStep, Date.now());
    return step !== undefined && (await spendTotpStep(database, userId, step));
  }
  const hash = hashRecoveryCode(userId, text);
  return hash !== undefined && (await spendRecoveryCode(database, userId, hash));
}

/**
 * Whoever came in by a password alone sets up the first factor, and changes none where there is a passkey: or else the
 * password were enough to put a factor of one's own in its place. Throws 'not-allowed'.
 */
export async function requireToChangeFactors(person: Person, database: Database): Promise<void> {
  if (person.mustSetUpSecondFactor && (await listPasskeys(database, person.user.id)).length > 0)
    throw new LovelyError('not-allowed', 'You have a passkey: sign in with it to change how you sign in.');
}
