/** Who is calling: people by cookie or bearer token, devices by bearer token; checked on every request. */
import type { Access, Permission } from '@lovely/api';
import { LovelyError } from '../errors.ts';
import type { DeviceScope } from '../domain/device-scope.ts';
import { findUserByLogin, type UserRecord } from '../store/users.ts';
import { bearerToken, type DeviceClaims } from '../tokens.ts';
import type { ApiContext, Person } from './context.ts';

/**
 * The cookie of a sign-in. Browsers keep cookies by host name, without the scheme, and let plain HTTP neither read nor
 * replace a Secure one: over plain HTTP on loopback it needs a name of its own.
 */
export function loginCookie(request: Request): { readonly name: string; readonly isSecure: boolean } {
  const isSecure = new URL(request.url).protocol === 'https:';
  return { name: isSecure ? 'lovely_login' : 'lovely_login_plain', isSecure };
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
  if (!token) throw new LovelyError('not-signed-in');
  const claims = await context.tokens.verifyUser(token).catch((cause: unknown) => {
    throw new LovelyError('not-signed-in', undefined, { cause });
  });
  const user = await findUserByLogin(context.store.database, claims.loginId);
  if (!user) throw new LovelyError('not-signed-in');
  const person: Person = {
    user,
    via: { kind: 'login', id: claims.loginId },
    tenantId: user.tenant.id,
    database: context.store.of(user.tenant.id),
    byCookie: bearer === undefined,
    address,
    may: (permission) => user.access.has(permission),
    scope: (permission) => scopeOf(user, permission),
  };
  if (person.byCookie) requireOwnOrigin(context, request);
  return person;
}

function scopeOf({ access }: UserRecord, permission: Permission): DeviceScope {
  const scope = access.get(permission);
  if (!scope) throw new LovelyError('not-allowed');
  return scope;
}

/**
 * A browser names the page's origin on every request that changes something and on WebSockets; one from another site's
 * page is refused. Programs send no Origin. SameSite=Strict on the cookie says the same once more.
 */
export function requireOwnOrigin(context: ApiContext, request: Request): void {
  const origin = request.headers.get('origin');
  if (origin !== null && !context.origins.has(origin)) throw new LovelyError('bad-origin');
}

/** The accepted device behind a request. Throws 'bad-token'. */
export async function requireDevice(
  context: Pick<ApiContext, 'tokens' | 'revocations'>,
  request: Request,
): Promise<DeviceClaims> {
  const token = bearerToken(request);
  if (!token) throw new LovelyError('bad-token', 'A device token is needed: Authorization: Bearer …');
  const claims = await context.tokens.verifyDevice(token);
  if (context.revocations.isRevoked(claims)) throw new LovelyError('bad-token');
  return claims;
}

export function cookieValue(request: Request, name: string): string | undefined {
  for (const pair of request.headers.get('cookie')?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}
