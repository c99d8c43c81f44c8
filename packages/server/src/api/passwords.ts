/** Passwords: changed by who knows the old one, or set anew by a link. */
import { randomUUID } from 'node:crypto';
import {
  changePassword,
  completePasswordReset,
  createPasswordReset,
  readPasswordReset,
  requestPasswordReset,
} from '@lovely/api';
import { createOneTimeCode, hashOneTimeCode } from '../domain/one-time-code.ts';
import { LovelyError } from '../errors.ts';
import {
  ONE_TIME_CODE_TRIES,
  PASSWORD_RESET_REQUESTS_MAX,
  PASSWORD_RESET_TRIES,
  PASSWORD_RESET_WINDOW_MS,
  SIGN_IN_WINDOW_MS,
} from '../limits.ts';
import { passwordResetMail } from '../mail/letters.ts';
import { neighbourOf } from '../network.ts';
import { hashPassword } from '../password-hash.ts';
import { revokeLogins } from '../store/logins.ts';
import * as resets from '../store/password-resets.ts';
import { settleSignIn } from '../store/sign-in-attempts.ts';
import type { Database } from '../store/store.ts';
import { inTransaction } from '../store/transaction.ts';
import { findUser, findUserByEmail, setPasswordHash, type UserRecord } from '../store/users.ts';
import { createAttempts } from './attempts.ts';
import { change, recordAudit } from './change.ts';
import type { ApiContext, Person } from './context.ts';
import { requireCovered } from './given-access.ts';
import { requireOwnOrigin } from './guard.ts';
import { linkTo } from './links.ts';
import { requireGoodPassword } from './new-password.ts';
import { announceEnded } from './open-sockets.ts';
import type { PasswordChecks } from './password-checks.ts';
import { route, type Http } from './route.ts';

export function routePasswords(http: Http, context: ApiContext, passwords: PasswordChecks): void {
  const { store, bus, mailer } = context;
  const requests = createAttempts(PASSWORD_RESET_TRIES, PASSWORD_RESET_WINDOW_MS, Date.now);
  const codes = createAttempts(ONE_TIME_CODE_TRIES, SIGN_IN_WINDOW_MS, Date.now);
  let requestsUnderWay = 0;

  route(http, context, changePassword, async ({ person, body }) => {
    const { user, via } = person;
    const object = { type: 'user', id: user.id, name: user.email };
    // A transaction must wait neither for a check, which needs a connection of its own, nor for a hash.
    const made = await (async (): Promise<string> => {
      requireGoodPassword(body.password, user);
      await checkCurrent(passwords, person, body.currentPassword);
      if (body.password === body.currentPassword)
        throw new LovelyError('weak-password', 'It is the one you have.', { pointer: '/password' });
      return await hashPassword(body.password, context.passwordCost);
    })().catch((error: Error) => error);
    await change(context, person, 'password.change', object, async ({ database, afterCommit }) => {
      if (typeof made !== 'string') throw made;
      await setPasswordHash(database, user.id, made);
      await resets.deletePasswordResets(database, user.id);
      const ended = await revokeLogins(database, user.id, { except: via.id });
      afterCommit(() => announceEnded(bus, ended));
    });
    return undefined;
  });

  // Nothing here is waited for, so that answer and time are the same whoever the address belongs to.
  route(http, context, requestPasswordReset, ({ body, request, address }) => {
    requireOwnOrigin(context, request);
    requests.count(neighbourOf(address));
    if (mailer && requestsUnderWay < PASSWORD_RESET_REQUESTS_MAX) {
      requestsUnderWay++;
      mailLink(context, body.email, address)
        .catch((error: unknown) => context.log.error({ error }, 'a link for a new password could not be made'))
        .finally(() => requestsUnderWay--);
    }
    return Promise.resolve({ isMailConfigured: mailer !== undefined });
  });

  route(http, context, createPasswordReset, async ({ person, database, params, request, audit, afterCommit }) => {
    const user = await requireCovered(person, database, params.id);
    audit({ object: { type: 'user', id: user.id, name: user.email } });
    if (user.isDisabled) throw new LovelyError('user-disabled', 'Enable the user first.');
    const { code, hash } = createOneTimeCode();
    const expiresAt = (await resets.insertPasswordReset(database, resetOf(user, hash), true))!;
    afterCommit(() =>
      mailer?.send(
        passwordResetMail({
          to: user.email,
          url: linkTo(context, 'reset', code),
          name: user.name,
          madeBy: person.user.name,
        }),
      ),
    );
    return {
      url: linkTo(context, 'reset', code, request),
      expiresAt: expiresAt.toISOString(),
      isMailed: mailer !== undefined,
    };
  });

  route(http, context, readPasswordReset, async ({ body, address }) => {
    codes.count(neighbourOf(address));
    const { user, expiresAt } = await findOwner(store.database, hashOneTimeCode(body.code));
    return { email: user.email, expiresAt: expiresAt.toISOString() };
  });

  route(http, context, completePasswordReset, async ({ body, request, address }) => {
    requireOwnOrigin(context, request);
    codes.count(neighbourOf(address));
    const codeHash = hashOneTimeCode(body.code);
    const { user } = await findOwner(store.database, codeHash);
    requireGoodPassword(body.password, user);
    const passwordHash = await hashPassword(body.password, context.passwordCost);
    const ended = await inTransaction(store.database, async (transaction) => {
      if (!(await resets.usePasswordReset(transaction, codeHash))) throw new LovelyError('bad-link');
      await setPasswordHash(transaction, user.id, passwordHash);
      await resets.deletePasswordResets(transaction, user.id);
      const logins = await revokeLogins(transaction, user.id, { except: null });
      await recordAudit(transaction, user.tenant.id, {
        actor: { type: 'user', id: user.id, name: user.email },
        action: completePasswordReset.action,
        note: { object: { type: 'user', id: user.id, name: user.email }, details: { logins: logins.length } },
        result: 'success',
        address,
      });
      return logins;
    });
    announceEnded(bus, ended);
    // Who has forgotten the password has often tried some before.
    await settleSignIn(store.database, { email: user.email, neighbour: neighbourOf(address) }, 'right');
    return undefined;
  });
}

/** Throws 'wrong-password', or as `PasswordChecks.check` does. */
async function checkCurrent(passwords: PasswordChecks, { user, address }: Person, password: string): Promise<void> {
  const { settle } = await passwords.check(user.email, password, address).catch((error: unknown) => {
    // 401 would tell the browser that the sign-in itself is over.
    throw error instanceof LovelyError && error.code === 'bad-credentials' ? new LovelyError('wrong-password') : error;
  });
  await settle('right');
}

/** For somebody who says that they forgot theirs. Who has none signs in through a provider, and is to go on doing so. */
async function mailLink(context: ApiContext, email: string, address: string): Promise<void> {
  const { database } = context.store;
  const user = await findUserByEmail(database, email);
  if (!user || user.isDisabled || user.passwordHash === '') return;
  const { code, hash } = createOneTimeCode();
  const expiresAt = await resets.insertPasswordReset(database, resetOf(user, hash), false);
  if (!expiresAt) return;
  await recordAudit(database, user.tenant.id, {
    actor: { type: 'system', id: 'sign-in', name: 'Sign-in page' },
    action: requestPasswordReset.action,
    note: { object: { type: 'user', id: user.id, name: user.email } },
    result: 'success',
    address,
  });
  const url = linkTo(context, 'reset', code);
  context.mailer?.send(passwordResetMail({ to: user.email, url, name: user.name, madeBy: undefined }));
}

/** Whose link it is. Throws 'bad-link'. */
async function findOwner(database: Database, codeHash: Buffer): Promise<{ user: UserRecord; expiresAt: Date }> {
  const reset = await resets.findPasswordReset(database, codeHash);
  const user = reset && (await findUser(database, reset.userId));
  if (!user || user.isDisabled) throw new LovelyError('bad-link');
  return { user, expiresAt: reset.expiresAt };
}

function resetOf(
  user: UserRecord,
  codeHash: Buffer,
): { id: string; tenantId: string; userId: string; codeHash: Buffer } {
  return { id: randomUUID(), tenantId: user.tenant.id, userId: user.id, codeHash };
}
