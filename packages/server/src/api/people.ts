/** Set-up and sign-in of people. */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { createLogin, createSetup, deleteLogin, getMe, getSetup, updateMe, type User } from '@lovely/api';
import { describeAccess } from '../domain/access.ts';
import { LovelyError } from '../errors.ts';
import { LOGIN_SECONDS, SIGN_IN_TRIES, SIGN_IN_WINDOW_MS } from '../limits.ts';
import { neighbourOf } from '../network.ts';
import { hashPassword } from '../password-hash.ts';
import { countUsers, insertFirstUser, renameUser, revokeLogin, type UserRecord } from '../store/users.ts';
import { createAttempts } from './attempts.ts';
import type { ApiContext } from './context.ts';
import { requireOwnOrigin } from './guard.ts';
import { requireGoodPassword } from './new-password.ts';
import { route, type Http } from './route.ts';
import { openLogin, setLoginCookie, type SignIn } from './sign-in.ts';

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
  context: Pick<ApiContext, 'store' | 'firstTenantId'>,
  { email, name, password }: { email: string; name: string; password: string },
): Promise<UserRecord> {
  const passwordHash = await hashPassword(password);
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
    setHeader('set-cookie', setLoginCookie(request, await openLogin(context, user, address), LOGIN_SECONDS));
    return publicUser(user);
  });

  route(http, context, createLogin, async ({ body, request, address, setHeader }) => {
    requireOwnOrigin(context, request);
    const { token, user } = await signIn.withPassword(body.email, body.password, address);
    setHeader('set-cookie', setLoginCookie(request, token, LOGIN_SECONDS));
    return publicUser(user);
  });

  route(http, context, deleteLogin, async ({ person, database, request, setHeader, audit }) => {
    await revokeLogin(database, person.via.id);
    audit({ object: { type: 'login', id: person.via.id } });
    setHeader('set-cookie', setLoginCookie(request, '', 0));
    return undefined;
  });

  route(http, context, getMe, ({ person }) => Promise.resolve(publicUser(person.user)));

  route(http, context, updateMe, async ({ person, database, body, audit }) => {
    const { id, email, name } = person.user;
    await renameUser(database, id, body.name);
    audit({ object: { type: 'user', id, name: email }, before: { name }, after: body });
    return publicUser({ ...person.user, ...body });
  });
}

/** A user as they see themselves. */
export function publicUser({ id, email, name, tenant, access }: UserRecord): User {
  return { id, email, name, tenant, permissions: describeAccess(access) };
}
