/**
 * Checks passwords for whoever signs in or must show again who they are. What limits guessing: every address has so many
 * tries a minute, whomever they are about; every account makes those wait who fail (domain/sign-in-delay.ts); and only so
 * many checks run at the same time, as each takes a thread and 64 MB on purpose. In a flood from many addresses those go
 * first who have signed in from where they are before (domain/turns.ts).
 */
import { LovelyError } from '../errors.ts';
import { createTurns, type Turns } from '../domain/turns.ts';
import {
  PASSWORD_CHECKS_MAX,
  SIGN_IN_LOOKS_MAX,
  SIGN_IN_TRIES_PER_ADDRESS,
  SIGN_IN_WAITING_MAX,
  SIGN_IN_WINDOW_MS,
  SIGN_INS_OF_NEIGHBOUR_MAX,
} from '../limits.ts';
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

export function createPasswordChecks(context: Pick<ApiContext, 'store' | 'log' | 'passwordCost'>): PasswordChecks {
  const { database } = context.store;
  const { passwordCost } = context;
  const addresses = createAttempts(SIGN_IN_TRIES_PER_ADDRESS, SIGN_IN_WINDOW_MS, Date.now);
  const waiting = { waitingMax: SIGN_IN_WAITING_MAX, ofNeighbourMax: SIGN_INS_OF_NEIGHBOUR_MAX };
  const looks = createTurns({ atOnceMax: SIGN_IN_LOOKS_MAX, ...waiting });
  const checks = createTurns({ atOnceMax: PASSWORD_CHECKS_MAX, ...waiting });

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
    const neighbour = neighbourOf(address);
    const key = { email, neighbour };
    const { seconds, isKnown } = await inTurn(looks, neighbour, false, () => beginSignIn(database, key));
    if (seconds > 0)
      throw new LovelyError(
        'sign-in-delayed',
        `Too many failed sign-ins with this e-mail address from here. Wait ${inWords(seconds)}; until then even the right password is refused.`,
        { retryAfterSeconds: seconds },
      );
    const user = await findUserByEmail(database, email);
    const isRight = await inTurn(checks, neighbour, isKnown, () =>
      isPassword(password, user?.passwordHash, passwordCost),
    ).catch(async (error: unknown) => {
      // Nothing was guessed where there was no room.
      await settleSignIn(database, key, 'none');
      throw error;
    });
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
        if (outcome === 'right' && isOutdated(user.passwordHash, passwordCost))
          await setPasswordHash(database, user.id, await hashPassword(password, passwordCost), user.passwordHash);
      },
    };
  }

  return {
    async check(email, password, address) {
      addresses.count(neighbourOf(address));
      return await check(email, password, address);
    },
  };
}

/** Throws 'too-many-requests' where there is no room to wait. */
async function inTurn<T>(turns: Turns, neighbour: string, isKnown: boolean, work: () => Promise<T>): Promise<T> {
  const done = await turns.run(neighbour, isKnown, work);
  if (!done) throw new LovelyError('too-many-requests', undefined, { retryAfterSeconds: 2 });
  return done.value;
}

function inWords(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? 'a second' : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}
