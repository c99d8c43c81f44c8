/** Sign-ins: opening one for whoever has shown who they are, and the list of one's own. */
import { randomUUID } from 'node:crypto';
import { endLogin, endOtherLogins, listLogins, type Login, type User } from '@lovely/api';
import { describeAccess } from '../domain/access.ts';
import { browserName } from '../domain/browser-name.ts';
import { LovelyError } from '../errors.ts';
import { LOGIN_SECONDS, USER_AGENT_LENGTH_MAX } from '../limits.ts';
import * as logins from '../store/logins.ts';
import { insertLogin, type UserRecord } from '../store/users.ts';
import { recordAudit } from './change.ts';
import type { ApiContext } from './context.ts';
import { loginCookie } from './guard.ts';
import { announceEnded } from './open-sockets.ts';
import { route, type Http } from './route.ts';

/** Where a sign-in comes from. */
export interface LoginSource {
  readonly request: Request;
  readonly address: string;
}

export interface LoginHow {
  readonly method: Login['method'];
  readonly hasSecondFactor: boolean;
  /** How long it lasts. */
  readonly seconds?: number;
}

/** Opens a sign-in and returns its token. */
export async function openLogin(
  context: ApiContext,
  user: UserRecord,
  { request, address }: LoginSource,
  { method, hasSecondFactor, seconds = LOGIN_SECONDS }: LoginHow,
): Promise<string> {
  const loginId = randomUUID();
  await insertLogin(context.store.database, {
    id: loginId,
    tenantId: user.tenant.id,
    userId: user.id,
    expiresAt: new Date(Date.now() + seconds * 1000),
    method,
    hasSecondFactor,
    address,
    userAgent: (request.headers.get('user-agent') ?? '').slice(0, USER_AGENT_LENGTH_MAX),
  });
  await recordAudit(context.store.database, user.tenant.id, {
    actor: { type: 'user', id: user.id, name: user.email },
    action: 'login.create',
    note: { object: { type: 'login', id: loginId }, details: { method, hasSecondFactor } },
    result: 'success',
    address,
  });
  return await context.tokens.signUser({ tenantId: user.tenant.id, userId: user.id, loginId, seconds });
}

/** Opens a sign-in in the browser that asks: its answer carries the cookie. Returns who is signed in now. */
export async function openBrowserLogin(
  context: ApiContext,
  user: UserRecord,
  from: LoginSource & { setHeader(name: string, value: string): void },
  how: LoginHow,
): Promise<User> {
  const token = await openLogin(context, user, from, how);
  from.setHeader('set-cookie', setLoginCookie(from.request, token, how.seconds ?? LOGIN_SECONDS));
  return publicUser(user, user.needsSecondFactor && !how.hasSecondFactor);
}

/** The header that gives the browser its login, or takes it away with an empty token. */
export function setLoginCookie(request: Request, token: string, maxAgeSeconds: number): string {
  const { name, isSecure } = loginCookie(request);
  return `${name}=${token}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
}

/** A user as they see themselves. */
export function publicUser({ id, email, name, tenant, access }: UserRecord, mustSetUpSecondFactor: boolean): User {
  return {
    id,
    email,
    name,
    tenant,
    permissions: mustSetUpSecondFactor ? {} : describeAccess(access),
    mustSetUpSecondFactor,
  };
}

export function routeLogins(http: Http, context: ApiContext): void {
  route(http, context, listLogins, async ({ person, database }) => {
    const items = await logins.listLogins(database, person.user.id);
    return { items: items.map((login) => publicLogin(login, person.via.id)) };
  });

  route(http, context, endLogin, async ({ person, database, params: { id }, audit, afterCommit }) => {
    const ended = await logins.revokeLogins(database, person.user.id, { id });
    if (ended.length === 0) throw new LovelyError('not-found');
    audit({ object: { type: 'login', id } });
    afterCommit(() => announceEnded(context.bus, ended));
    return undefined;
  });

  route(http, context, endOtherLogins, async ({ person, database, audit, afterCommit }) => {
    const ended = await logins.revokeLogins(database, person.user.id, { except: person.via.id });
    audit({
      object: { type: 'user', id: person.user.id, name: person.user.email },
      details: { logins: ended.length },
    });
    afterCommit(() => announceEnded(context.bus, ended));
    return undefined;
  });
}

function publicLogin(login: logins.LoginRecord, currentId: string): Login {
  const { id, method, hasSecondFactor, address, userAgent, createdAt, lastUsedAt, expiresAt } = login;
  return {
    id,
    method,
    hasSecondFactor,
    address,
    browser: browserName(userAgent),
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    isCurrent: id === currentId,
  };
}
