/** Set-up and sign-in of people. */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { createLogin, createSetup, deleteLogin, getMe, getSetup, updateMe } from '@lovely/api';
import { LovelyError } from '../errors.ts';
import { SIGN_IN_TRIES, SIGN_IN_WINDOW_MS } from '../limits.ts';
import { neighbourOf } from '../network.ts';
import { hashPassword } from '../password-hash.ts';
import { revokeLogins } from '../store/logins.ts';
import { countUsers, insertFirstUser, renameUser, type UserRecord } from '../store/users.ts';
import { createAttempts } from './attempts.ts';
import type { ApiContext } from './context.ts';
import { requireOwnOrigin } from './guard.ts';
import { openBrowserLogin, publicUser, setLoginCookie } from './logins.ts';
import { announceEnded } from './open-sockets.ts';
import { requireGoodPassword } from './new-password.ts';
import { route, type Http } from './route.ts';
import type { SignIn } from './sign-in.ts';

const SET_UP = { method: 'setup', hasSecondFactor: false } as const;

/** The one-time code of the first set-up; undefined once there is a user. Only its hash is kept. */
export interface SetupCode {
  check(code: string): boolean;
}

export function createSetupCode(): { code: string; check: SetupCode['check'] } {
  const code = randomBytes(24).toString('base64url');
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = hash(code);
  return { code, check: (given) => timingSafeEqual(hash(given), expected) };
}

/** Makes the first administrator. Throws 'setup-done' when there is a user already. */
export async function createFirstAdministrator(
  context: Pick<ApiContext, 'store' | 'firstTenantId' | 'passwordCost'>,
  { email, name, password }: { email: string; name: string; password: string },
): Promise<UserRecord> {
  const passwordHash = await hashPassword(password, context.passwordCost);
  const user = await insertFirstUser(context.store.database, {
    id: randomUUID(),
    tenantId: context.firstTenantId,
    email,
    name,
    passwordHash,
    grants: [{ roleId: 'system-administrator', groupIds: null }],
  });
  if (!user) throw new LovelyError('setup-done');
  return user;
}

export function routePeople(http: Http, context: ApiContext, signIn: SignIn, setupCode: SetupCode): void {
  const setupAttempts = createAttempts(SIGN_IN_TRIES, SIGN_IN_WINDOW_MS, Date.now);

  route(http, context, getSetup, async () => ({ needed: (await countUsers(context.store.database)) === 0 }));

  route(http, context, createSetup, async ({ body, request, address, setHeader }) => {
    requireOwnOrigin(context, request);
    setupAttempts.count(neighbourOf(address));
    if ((await countUsers(context.store.database)) > 0) throw new LovelyError('setup-done');
    if (!setupCode.check(body.code)) throw new LovelyError('bad-setup-code');
    requireGoodPassword(body.password, body);
    const user = await createFirstAdministrator(context, body);
    return await openBrowserLogin(context, user, { request, address, setHeader }, SET_UP);
  });

  route(http, context, createLogin, async ({ body, request, address, setHeader }) => {
    requireOwnOrigin(context, request);
    const { user, hasSecondFactor } = await signIn.check(body, address);
    const how = { method: 'password', hasSecondFactor } as const;
    return await openBrowserLogin(context, user, { request, address, setHeader }, how);
  });

  route(http, context, deleteLogin, async ({ person, database, request, setHeader, audit, afterCommit }) => {
    await revokeLogins(database, person.user.id, { id: person.via.id });
    audit({ object: { type: 'login', id: person.via.id } });
    afterCommit(() => announceEnded(context.bus, [person.via.id]));
    setHeader('set-cookie', setLoginCookie(request, '', 0));
    return undefined;
  });

  route(http, context, getMe, ({ person }) => Promise.resolve(publicUser(person.user, person.mustSetUpSecondFactor)));

  route(http, context, updateMe, async ({ person, database, body, audit }) => {
    const { id, email, name } = person.user;
    await renameUser(database, id, body.name);
    audit({ object: { type: 'user', id, name: email }, before: { name }, after: body });
    return publicUser({ ...person.user, ...body }, person.mustSetUpSecondFactor);
  });
}
