/**
 * Checks passwords for whoever signs in or must show again who they are. What limits guessing: every address has so many
 * tries a minute, whomever they are about; every account makes those wait who fail (domain/sign-in-delay.ts); and only so
 * many checks run at the same time, as each takes a thread and 64 MB on purpose.
 */
import { LovelyError } from '../errors.ts';
import { PASSWORD_CHECKS_MAX, SIGN_IN_TRIES_PER_ADDRESS, SIGN_IN_WINDOW_MS } from '../limits.ts';
import { neighbourOf } from '../network.ts';
import { hashPassword, isOutdated, isPassword } from '../password-hash.ts';
import { beginSignIn, settleSignIn } from '../store/sign-in-attempts.ts';
import { findUserByEmail, setPasswordHash, type UserRecord } from '../store/users.ts';
import { createAttempts } from './attempts.ts';
import { recordAudit } from './change.ts';
import type { ApiContext } from './context.ts';

export interface CheckedPassword {
  readonly user: UserRecord;
  /**
   * What came of the whole sign-in: `right` forgives the failures before it, `none` takes this try back. A try that is
   * never settled counts as failed, which is what a wrong second factor is.
   */
  settle(outcome: 'right' | 'none'): Promise<void>;
}

export interface PasswordChecks {
  /** Throws 'bad-credentials', 'sign-in-delayed' or 'too-many-requests', alike for users and for unknown addresses. */
  check(email: string, password: string, address: string): Promise<CheckedPassword>;
}

export function createPasswordChecks(context: Pick<ApiContext, 'store' | 'log'>): PasswordChecks {
  const { database } = context.store;
  const addresses = createAttempts(SIGN_IN_TRIES_PER_ADDRESS, SIGN_IN_WINDOW_MS, Date.now);
  let checking = 0;

  /** The limit comes first, so that no more than these wait for a connection to the database either. */
  async function withRoom<T>(check: () => Promise<T>): Promise<T> {
    if (checking >= PASSWORD_CHECKS_MAX)
      throw new LovelyError('too-many-requests', undefined, { retryAfterSeconds: 1 });
    checking++;
    return await check().finally(() => checking--);
  }

  /** Not waited for: writing it takes time that an unknown address would not take. */
  function tellFailure(user: UserRecord, reason: string, address: string): void {
    recordAudit(database, user.tenant.id, {
      actor: { type: 'user', id: user.id, name: user.email },
      action: 'login.create',
      note: { object: { type: 'user', id: user.id, name: user.email } },
      result: reason,
      address,
    }).catch((error: unknown) =>
      context.log.error({ error }, 'a failed sign-in could not be written to the audit log'),
    );
  }

  async function check(email: string, password: string, address: string): Promise<CheckedPassword> {
    const key = { email, neighbour: neighbourOf(address) };
    const seconds = await beginSignIn(database, key);
    if (seconds > 0)
      throw new LovelyError(
        'sign-in-delayed',
        `Too many failed sign-ins with this e-mail address from here. Wait ${inWords(seconds)}; until then even the right password is refused.`,
        { retryAfterSeconds: seconds },
      );
    const user = await findUserByEmail(database, email);
    const isRight = await isPassword(password, user?.passwordHash);
    if (!user) throw new LovelyError('bad-credentials');
    if (!isRight || user.isDisabled) {
      const error = new LovelyError(isRight ? 'user-disabled' : 'bad-credentials');
      tellFailure(user, error.code, address);
      throw error;
    }
    return {
      user,
      async settle(outcome) {
        await settleSignIn(database, key, outcome);
        if (outcome === 'right' && isOutdated(user.passwordHash))
          await setPasswordHash(database, user.id, await hashPassword(password), user.passwordHash);
      },
    };
  }

  return {
    async check(email, password, address) {
      addresses.count(neighbourOf(address));
      return await withRoom(() => check(email, password, address));
    },
  };
}

function inWords(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? 'a second' : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}
