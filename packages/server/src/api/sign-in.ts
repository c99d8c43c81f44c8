/** Signs people in by e-mail and password, wherever they come from: our form, or Mender's Basic header. */
import { LovelyError } from '../errors.ts';
import type { UserRecord } from '../store/users.ts';
import type { ApiContext } from './context.ts';
import type { PasswordChecks } from './password-checks.ts';
import { spendSecondFactor } from './second-factor.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** Of the authenticator app, or a recovery code. */
  readonly code?: string | undefined;
}

export interface SignIn {
  /** Throws as `PasswordChecks.check` does, and 'second-factor-needed' or 'bad-code'. */
  check(credentials: Credentials, address: string): Promise<{ user: UserRecord; hasSecondFactor: boolean }>;
}

export function createSignIn(context: ApiContext, passwords: PasswordChecks): SignIn {
  return {
    async check({ email, password, code }, address) {
      const { user, settle } = await passwords.check(email, password, address);
      try {
        const hasSecondFactor = await spendSecondFactor(context, user, code, address);
        await settle('right');
        return { user, hasSecondFactor };
      } catch (error) {
        // A wrong code stays a failed try; not to have sent one yet is none.
        if (error instanceof LovelyError && error.code === 'second-factor-needed') await settle('none');
        throw error;
      }
    },
  };
}
