/** Second factors of whoever is signed in: an authenticator app, and recovery codes. */
import { beginTotp, confirmTotp, createRecoveryCodes, deleteTotp, getFactors, type Proof } from '@lovely/api';
import { createRecoveryCodes as newRecoveryCodes, hashRecoveryCode } from '../domain/recovery-code.ts';
import { createTotpSecret, findTotpStep, totpUri } from '../domain/totp.ts';
import { LovelyError } from '../errors.ts';
import { PROOF_TRIES, PROOF_WINDOW_MS } from '../limits.ts';
import * as factors from '../store/factors.ts';
import { revokeLogins, strengthenLogin } from '../store/logins.ts';
import { listPasskeys } from '../store/passkeys.ts';
import { totpSecret } from '../store/sealed.ts';
import type { Database } from '../store/store.ts';
import { createAttempts } from './attempts.ts';
import { change } from './change.ts';
import type { ApiContext, Person } from './context.ts';
import { announceEnded } from './open-sockets.ts';
import type { PasswordChecks } from './password-checks.ts';
import { route, type Http } from './route.ts';
import { requireToChangeFactors, spendCode } from './second-factor.ts';

export function routeFactors(http: Http, context: ApiContext, passwords: PasswordChecks): void {
  const tries = createAttempts(PROOF_TRIES, PROOF_WINDOW_MS, Date.now);

  /** Throws 'bad-code'. */
  async function requireCode(person: Person, database: Database, text: string): Promise<void> {
    tries.count(person.user.id);
    const secret = await factors.findTotpSecret(database, person.user.id);
    if (!secret?.activeSince || !(await spendCode(context, database, person.user.id, secret, text)))
      throw new LovelyError('bad-code');
    tries.forgive(person.user.id);
  }

  /** A change by somebody who proves who they are. Throws 'bad-credentials' or 'bad-code', or as `PasswordChecks.check` does. */
  async function changeProved<T>(
    person: Person,
    action: string,
    proof: Proof,
    make: (database: Database) => Promise<T>,
  ): Promise<T> {
    // A transaction must not wait for the check of a password, which needs connections of its own.
    const failed = 'password' in proof ? await refusalOf(checkPassword(person, proof.password)) : undefined;
    return await change(context, person, action, ownAccount(person).object, async ({ database }) => {
      if (failed) throw failed;
      if ('code' in proof) await requireCode(person, database, proof.code);
      return await make(database);
    });
  }

  async function checkPassword({ user, address }: Person, password: string): Promise<void> {
    const { settle } = await passwords.check(user.email, password, address);
    await settle('right');
  }

  async function replaceRecoveryCodes(database: Database, { user, tenantId }: Person): Promise<string[]> {
    const codes = newRecoveryCodes();
    const hashes = codes.map((code) => hashRecoveryCode(user.id, code)!);
    await factors.replaceRecoveryCodes(database, { tenantId, userId: user.id }, hashes);
    return codes;
  }

  route(http, context, getFactors, async ({ person: { user }, database }) => {
    const secret = await factors.findTotpSecret(database, user.id);
    return {
      hasPassword: user.passwordHash !== '',
      totp: { isActive: Boolean(secret?.activeSince), activeSince: secret?.activeSince?.toISOString() ?? null },
      recoveryCodesLeft: await factors.countRecoveryCodes(database, user.id),
      passkeys: (await listPasskeys(database, user.id)).length,
      isRequired: user.needsSecondFactor,
    };
  });

  route(http, context, beginTotp, async ({ person, database, audit }) => {
    const { user, tenantId } = person;
    audit(ownAccount(person));
    await requireToChangeFactors(person, database);
    const secret = createTotpSecret();
    const sealed = context.seal.seal(totpSecret(user.id), secret);
    if (!(await factors.replaceTotpSecret(database, { tenantId, userId: user.id }, sealed)))
      throw new LovelyError('factor-active');
    return { secret, uri: totpUri(secret, user.email) };
  });

  route(http, context, confirmTotp, async ({ person, database, body, audit, afterCommit }) => {
    const { user, via } = person;
    audit(ownAccount(person));
    await requireToChangeFactors(person, database);
    tries.count(user.id);
    const pending = await factors.findTotpSecret(database, user.id);
    if (pending?.activeSince) throw new LovelyError('factor-active');
    const code = body.code.replaceAll(/[\s-]/g, '');
    const step = pending && findTotpStep(context.seal.open(totpSecret(user.id), pending.secret), code, 0, Date.now());
    if (step === undefined) throw new LovelyError('bad-code');
    if (!(await factors.activateTotp(database, user.id, step))) throw new LovelyError('factor-active');
    tries.forgive(user.id);
    await strengthenLogin(database, via.id);
    // They were opened without a second factor, perhaps by whoever made the owner turn it on.
    const ended = await revokeLogins(database, user.id, { except: via.id });
    afterCommit(() => announceEnded(context.bus, ended));
    return { recoveryCodes: await replaceRecoveryCodes(database, person) };
  });

  route(http, context, deleteTotp, async ({ person, body }) => {
    await changeProved(person, 'totp.delete', body, (database) => factors.deleteTotp(database, person.user.id));
    return undefined;
  });

  route(http, context, createRecoveryCodes, async ({ person, body }) =>
    changeProved(person, 'recovery-codes.create', body, async (database) => {
      const secret = await factors.findTotpSecret(database, person.user.id);
      if (!secret?.activeSince) throw new LovelyError('not-found', 'Codes are not turned on.');
      return { recoveryCodes: await replaceRecoveryCodes(database, person) };
    }),
  );
}

async function refusalOf(checking: Promise<void>): Promise<Error | undefined> {
  return await checking.then(
    () => undefined,
    (error: Error) => error,
  );
}

/** Factors have no id of their own: they are their owner's. */
function ownAccount({ user }: Person): { object: { type: string; id: string; name: string } } {
  return { object: { type: 'user', id: user.id, name: user.email } };
}
