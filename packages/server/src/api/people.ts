/** Set-up and sign-in of people. */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { createLogin, createSetup, deleteLogin, getMe, getSetup, type User } from '@lovely/api';
import { describeAccess } from '../domain/access.ts';
import { LovelyError } from '../errors.ts';
import {
  LOGIN_SECONDS,
  PASSWORD_CHECKS_MAX,
  SIGN_IN_TRIES,
  SIGN_IN_TRIES_PER_ADDRESS,
  SIGN_IN_WINDOW_MS,
} from '../limits.ts';
import {
  countUsers,
  findUserByEmail,
  insertFirstUser,
  insertLogin,
  revokeLogin,
  type UserRecord,
} from '../store/users.ts';
import { createAttempts, type Attempts } from './attempts.ts';
import type { ApiContext } from './context.ts';
import { loginCookie, requireOwnOrigin } from './guard.ts';
import { route, type Http } from './route.ts';

/** Signs people in by e-mail and password, wherever they come from: our form, or Mender's Basic header. */
export interface SignIn {
  /** Returns a token, or throws 'bad-credentials' or 'too-many-requests'. */
  withPassword(email: string, password: string, address: string): Promise<{ token: string; user: UserRecord }>;
}

export function createSignIn(context: ApiContext): SignIn {
  const attempts: Attempts = createAttempts(SIGN_IN_TRIES, SIGN_IN_WINDOW_MS, Date.now);
  const addresses: Attempts = createAttempts(SIGN_IN_TRIES_PER_ADDRESS, SIGN_IN_WINDOW_MS, Date.now);
  let checking = 0;
  // Checked when there is no such user, so that the time taken doesn't tell which addresses exist.
  const decoy = Bun.password.hash(randomBytes(32).toString('hex'));

  async function checkPassword(email: string, password: string): Promise<UserRecord | undefined> {
    const user = await findUserByEmail(context.store.database, email);
    const isRight = await Bun.password.verify(password, user?.passwordHash ?? (await decoy)).catch(() => false);
    return isRight ? user : undefined;
  }

  return {
    async withPassword(email, password, address) {
      const key = `${address} ${email.toLowerCase()}`;
      attempts.count(key);
      addresses.count(address);
      // Each check takes a thread and 64 MB on purpose: many at once would leave nothing for anybody else.
      if (checking >= PASSWORD_CHECKS_MAX)
        throw new LovelyError('too-many-requests', undefined, { retryAfterSeconds: 1 });
      checking++;
      const user = await checkPassword(email, password).finally(() => checking--);
      if (!user) throw new LovelyError('bad-credentials');
      attempts.forgive(key);
      return { token: await openLogin(context, user), user };
    },
  };
}

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
  const passwordHash = await Bun.password.hash(password, 'argon2id');
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
    setupAttempts.count(address);
    if ((await countUsers(context.store.database)) > 0) throw new LovelyError('setup-done');
    if (!setupCode.check(body.code)) throw new LovelyError('bad-setup-code');
    const user = await createFirstAdministrator(context, body);
    setHeader('set-cookie', setLoginCookie(request, await openLogin(context, user), LOGIN_SECONDS));
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
}

async function openLogin(context: ApiContext, user: UserRecord): Promise<string> {
  const loginId = randomUUID();
  const expiresAt = new Date(Date.now() + LOGIN_SECONDS * 1000);
  await insertLogin(context.store.database, { id: loginId, tenantId: user.tenant.id, userId: user.id, expiresAt });
  return await context.tokens.signUser({ tenantId: user.tenant.id, userId: user.id, loginId });
}

function setLoginCookie(request: Request, token: string, maxAgeSeconds: number): string {
  const { name, isSecure } = loginCookie(request);
  return `${name}=${token}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
}

function publicUser({ id, email, name, tenant, access }: UserRecord): User {
  return { id, email, name, tenant, permissions: describeAccess(access) };
}
