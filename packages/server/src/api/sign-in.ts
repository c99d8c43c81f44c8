/** Signs people in by e-mail and password, wherever they come from: our form, or Mender's Basic header. */
import { randomUUID } from 'node:crypto';
import { LOGIN_SECONDS } from '../limits.ts';
import { insertLogin, type UserRecord } from '../store/users.ts';
import { recordAudit } from './change.ts';
import type { ApiContext } from './context.ts';
import { loginCookie } from './guard.ts';
import type { PasswordChecks } from './password-checks.ts';

export interface SignIn {
  /** Returns a token, or throws as `PasswordChecks.check` does. */
  withPassword(email: string, password: string, address: string): Promise<{ token: string; user: UserRecord }>;
}

export function createSignIn(context: ApiContext, passwords: PasswordChecks): SignIn {
  return {
    async withPassword(email, password, address) {
      const { user, settle } = await passwords.check(email, password, address);
      await settle('right');
      return { token: await openLogin(context, user, address), user };
    },
  };
}

/** Opens a sign-in for somebody who has shown who they are, and returns its token. */
export async function openLogin(context: ApiContext, user: UserRecord, address: string): Promise<string> {
  const loginId = randomUUID();
  const expiresAt = new Date(Date.now() + LOGIN_SECONDS * 1000);
  await insertLogin(context.store.database, { id: loginId, tenantId: user.tenant.id, userId: user.id, expiresAt });
  await recordAudit(context.store.database, user.tenant.id, {
    actor: { type: 'user', id: user.id, name: user.email },
    action: 'login.create',
    note: { object: { type: 'login', id: loginId } },
    result: 'success',
    address,
  });
  return await context.tokens.signUser({ tenantId: user.tenant.id, userId: user.id, loginId });
}

/** The header that gives the browser its login, or takes it away with an empty token. */
export function setLoginCookie(request: Request, token: string, maxAgeSeconds: number): string {
  const { name, isSecure } = loginCookie(request);
  return `${name}=${token}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
}
