/** Who is calling: people by cookie or bearer token, devices by bearer token; checked on every request. */
import type { Access, Permission } from '@lovely/api';
import { limitAccess } from '../domain/access.ts';
import { hashAccessToken, isAccessToken } from '../domain/access-token.ts';
import { LovelyError } from '../errors.ts';
import type { DeviceScope } from '../domain/device-scope.ts';
import { touchLogin } from '../store/logins.ts';
import { touchToken } from '../store/tokens.ts';
import { findUser, type UserRecord } from '../store/users.ts';
import { bearerToken, type DeviceClaims } from '../tokens.ts';
import type { ApiContext, Person } from './context.ts';

/**
 * The cookie of a sign-in. Browsers keep cookies by host name, without the scheme, and let plain HTTP neither read nor
 * replace a Secure one: over plain HTTP on loopback it needs a name of its own. With `__Host-` no other host of the same
 * domain can set it either (RFC 6265bis, section 4.1.3), to sign somebody in as another.
 */
export function loginCookie(request: Request): { readonly name: string; readonly isSecure: boolean } {
  const isSecure = new URL(request.url).protocol === 'https:';
  return { name: isSecure ? '__Host-lovely_login' : 'lovely_login_plain', isSecure };
}

/** The signed-in person behind a request. Throws 'not-signed-in', 'not-allowed' or 'bad-origin'. */
export async function requirePerson(
  context: ApiContext,
  request: Request,
  access: Exclude<Access, 'anyone'>,
  address: string,
): Promise<Person> {
  const person = await identify(context, request, address);
  if (access !== 'person' && !person.may(access)) throw new LovelyError('not-allowed');
  return person;
}

/** Whoever is signed in, whatever they may do. Throws 'not-signed-in' or 'bad-origin'. */
export async function identify(context: ApiContext, request: Request, address: string): Promise<Person> {
  const bearer = bearerToken(request);
  const token = bearer ?? cookieValue(request, loginCookie(request).name);
  const shown = await readCredential(context, request, address, token);
  const { user } = shown;
  const person: Person = {
    ...shown,
    tenantId: user.tenant.id,
    database: context.store.of(user.tenant.id),
    byCookie: bearer === undefined,
    address,
    may: (permission) => user.access.has(permission),
    scope: (permission) => scopeOf(user, permission),
  };
  if (person.byCookie) requireOwnPage(context, request);
  context.limits.countPerson(request, person, token!);
  return person;
}

/** Whose sign-in or access token this is; who shows none, or a wrong one, is counted as a stranger. */
async function readCredential(
  context: ApiContext,
  request: Request,
  address: string,
  token: string | undefined,
): Promise<Shown> {
  const { limits } = context;
  try {
    if (!token) throw new LovelyError('not-signed-in');
    limits.admit(address, token);
    const isOwn = bearerToken(request) !== undefined && isAccessToken(token);
    const shown = isOwn ? await readAccessToken(context, token) : await readLogin(context, token);
    if (shown.user.isDisabled) throw new LovelyError('not-signed-in');
    return shown;
  } catch (error) {
    if (error instanceof LovelyError) limits.countStranger(request, address);
    throw error;
  }
}

/** What concerns the account itself is for its owner and not for programs. Throws 'login-needed' for an access token. */
export function requireLogin(person: Person): void {
  if (person.via.kind !== 'login') throw new LovelyError('login-needed');
}

type Shown = Pick<Person, 'user' | 'via' | 'mustSetUpSecondFactor'>;

async function readLogin({ store, tokens }: ApiContext, token: string): Promise<Shown> {
  const { loginId } = await tokens.verifyUser(token).catch((cause: unknown) => {
    throw new LovelyError('not-signed-in', undefined, { cause });
  });
  const login = await touchLogin(store.database, loginId);
  const user = login && (await findUser(store.database, login.userId));
  if (!user) throw new LovelyError('not-signed-in');
  const mustSetUpSecondFactor = user.needsSecondFactor && !login.hasSecondFactor;
  return {
    user: mustSetUpSecondFactor ? { ...user, access: new Map() } : user,
    via: { kind: 'login', id: login.id, expiresAtMs: login.expiresAt.getTime() },
    mustSetUpSecondFactor,
  };
}

/** A token may do what it names of what its owner still may. */
async function readAccessToken({ store }: ApiContext, text: string): Promise<Shown> {
  const token = await touchToken(store.database, hashAccessToken(text));
  const user = token && (await findUser(store.database, token.userId));
  if (!user) throw new LovelyError('not-signed-in');
  return {
    user: { ...user, access: limitAccess(user.access, token.permissions) },
    via: { kind: 'token', id: token.id, expiresAtMs: token.expiresAt.getTime() },
    mustSetUpSecondFactor: false,
  };
}

function scopeOf({ access }: UserRecord, permission: Permission): DeviceScope {
  const scope = access.get(permission);
  if (!scope) throw new LovelyError('not-allowed');
  return scope;
}

/**
 * Whoever has no sign-in yet may be a program, which names no origin; a page of another site is refused. Browsers name the
 * origin of the page on every request that changes something and on WebSockets (Fetch standard, section 3.2).
 */
export function requireOwnOrigin(context: ApiContext, request: Request): void {
  const origin = request.headers.get('origin');
  const site = request.headers.get('sec-fetch-site');
  if (origin === null ? site !== null && site !== 'same-origin' : !context.origins.has(origin))
    throw new LovelyError('bad-origin');
}

/**
 * A browser sends the cookie by itself, whoever made it ask: a request that changes something or opens a WebSocket must
 * say that a page of ours did, by Origin or Sec-Fetch-Site. SameSite=Strict on the cookie says the same once more.
 */
function requireOwnPage(context: ApiContext, request: Request): void {
  const { headers, method } = request;
  if (READS.has(method) && !headers.has('upgrade')) {
    const origin = headers.get('origin');
    if (origin !== null && !context.origins.has(origin)) throw new LovelyError('bad-origin');
    return;
  }
  if (!headers.has('origin') && !headers.has('sec-fetch-site')) throw new LovelyError('bad-origin');
  requireOwnOrigin(context, request);
}

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** The accepted device behind a request. Throws 'bad-token'. */
export async function requireDevice(
  context: Pick<ApiContext, 'tokens' | 'revocations' | 'limits'>,
  request: Request,
): Promise<DeviceClaims> {
  const token = bearerToken(request);
  if (!token) throw new LovelyError('bad-token', 'A device token is needed: Authorization: Bearer …');
  const claims = await context.tokens.verifyDevice(token);
  if (context.revocations.isRevoked(claims)) throw new LovelyError('bad-token');
  context.limits.countDevice(request, claims.deviceId);
  return claims;
}

export function cookieValue(request: Request, name: string): string | undefined {
  for (const pair of request.headers.get('cookie')?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}
