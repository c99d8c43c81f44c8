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

  async function isRight(user: UserRecord | undefined, password: string): Promise<boolean> {
    if (checking >= PASSWORD_CHECKS_MAX)
      throw new LovelyError('too-many-requests', undefined, { retryAfterSeconds: 1 });
    checking++;
    return await isPassword(password, user?.passwordHash).finally(() => checking--);
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

  return {
    async check(email, password, address) {
      const neighbour = neighbourOf(address);
      addresses.count(neighbour);
      const key = { email, neighbour };
      const seconds = await beginSignIn(database, key);
      if (seconds > 0)
        throw new LovelyError(
          'sign-in-delayed',
          `Too many failed sign-ins with this e-mail address from here. Wait ${inWords(seconds)}; until then even the right password is refused.`,
          { retryAfterSeconds: seconds },
        );
      const user = await findUserByEmail(database, email);
      try {
        if (!(await isRight(user, password)) || !user) {
          if (user) tellFailure(user, 'bad-credentials', address);
          throw new LovelyError('bad-credentials');
        }
      } catch (error) {
        // Nothing was guessed when there was no room to check.
        if (error instanceof LovelyError && error.code === 'too-many-requests')
          await settleSignIn(database, key, 'none');
        throw error;
      }
      if (user.isDisabled) {
        tellFailure(user, 'user-disabled', address);
        throw new LovelyError('user-disabled');
      }
      return {
        user,
        async settle(outcome) {
          await settleSignIn(database, key, outcome);
          if (outcome === 'right' && isOutdated(user.passwordHash))
            await setPasswordHash(database, user.id, await hashPassword(password), user.passwordHash);
        },
      };
    },
  };
}

function inWords(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? 'a second' : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}
