/**
 * OpenID Connect providers of a tenant, and signing in through them: the browser is sent to the provider with a state, a
 * nonce and a PKCE challenge of which we keep what belongs to them, and comes back with a code for which the provider
 * tells us, and nobody in between, who it is.
 */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import {
  BUILT_IN_ROLES,
  createOidcProvider,
  deleteOidcProvider,
  findLoginProviders,
  listOidcProviders,
  PATHS,
  updateOidcProvider,
  type OidcProvider,
} from '@lovely/api';
import { randomPKCECodeVerifier } from 'openid-client';
import { LovelyError } from '../errors.ts';
import { OIDC_CHECKS_MAX, OIDC_START_SECONDS, SIGN_IN_TRIES_PER_ADDRESS, SIGN_IN_WINDOW_MS } from '../limits.ts';
import { neighbourOf } from '../network.ts';
import * as oidc from '../store/oidc.ts';
import { oidcClientSecret } from '../store/sealed.ts';
import { createAttempts } from './attempts.ts';
import { recordAudit } from './change.ts';
import type { ApiContext, Person } from './context.ts';
import { requireGivable } from './given-access.ts';
import { cookieValue } from './guard.ts';
import { openBrowserLogin } from './logins.ts';
import { createOidcClient, type OidcClientSettings } from './oidc-client.ts';
import { problemOfOidcUrl } from './oidc-fetch.ts';
import { admit } from './oidc-people.ts';
import { route, type Http } from './route.ts';

const BROWSER_COOKIE = 'lovely_oidc';
const BROWSER_SECRET = /^[\w-]{43}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function routeOidc(http: Http, context: ApiContext): void {
  const { seal, oidcAllowPrivate, log } = context;
  const { database: system } = context.store;
  const client = createOidcClient(oidcAllowPrivate);
  const tries = createAttempts(SIGN_IN_TRIES_PER_ADDRESS, SIGN_IN_WINDOW_MS, Date.now);
  let checking = 0;

  /** Reads the description of a provider. Throws 'bad-input' where it can't be one. */
  async function requireProvider(settings: OidcClientSettings): Promise<void> {
    const url = URL.parse(settings.issuer);
    const problem =
      problemOfOidcUrl(settings.issuer, oidcAllowPrivate) ??
      // The address of the description itself would leave unchecked whose it is.
      (url?.search || url?.hash || url?.pathname.includes('/.well-known/')
        ? 'Give the issuer as it names itself.'
        : undefined);
    if (problem !== undefined) throw new LovelyError('bad-input', `issuer: ${problem}`, { pointer: '/issuer' });
    if (checking >= OIDC_CHECKS_MAX) throw new LovelyError('too-many-requests', undefined, { retryAfterSeconds: 5 });
    checking++;
    try {
      await client.check(settings);
    } catch (cause) {
      log.info({ error: cause, issuer: settings.issuer }, 'a provider could not be read');
      throw new LovelyError('bad-input', 'issuer: No OpenID Connect provider answers there as it should.', {
        pointer: '/issuer',
        cause,
      });
    } finally {
      checking--;
    }
  }

  route(http, context, listOidcProviders, async ({ person, database }) => ({
    items: (await oidc.listOidcProviders(database, person.tenantId)).map((one) => publicProvider(one, context)),
    redirectUri: redirectUriOf(context.publicUrl, person.tenantId),
  }));

  route(http, context, createOidcProvider, async ({ person, database, body, audit }) => {
    audit({ object: { type: 'oidc-provider', id: '', name: body.name } });
    requireWholeTenant(person);
    if (body.isPublic) requireToShowEverybody(context, person);
    if (body.roleForNewPeople !== null) await requireGivable(person, database, [roleOf(body.roleForNewPeople)]);
    await requireProvider(body);
    const id = randomUUID();
    const made = await oidc.insertOidcProvider(database, {
      ...body,
      id,
      tenantId: person.tenantId,
      clientSecret: seal.seal(oidcClientSecret(id), body.clientSecret),
    });
    if (!made) throw new LovelyError('limit-reached');
    audit({ object: objectOf(made), before: {}, after: written(made) });
    return publicProvider(made, context);
  });

  route(http, context, updateOidcProvider, async ({ person, database, params: { id }, body, ifVersion, audit }) => {
    const before = await oidc.lockOidcProvider(database, person.tenantId, id, ifVersion);
    audit({ object: objectOf(before) });
    requireWholeTenant(person);
    if (body.isPublic) requireToShowEverybody(context, person);
    if (body.roleForNewPeople) await requireGivable(person, database, [roleOf(body.roleForNewPeople)]);
    const { clientSecret, ...rest } = body;
    const after = await oidc.updateOidcProvider(database, id, {
      ...rest,
      ...(clientSecret === undefined ? {} : { clientSecret: seal.seal(oidcClientSecret(id), clientSecret) }),
    });
    audit({
      object: objectOf(after),
      before: written(before),
      after: written(after),
      details: { clientSecretReplaced: clientSecret !== undefined },
    });
    return publicProvider(after, context);
  });

  route(http, context, deleteOidcProvider, async ({ person, database, params: { id }, ifVersion, audit }) => {
    const before = await oidc.lockOidcProvider(database, person.tenantId, id, ifVersion);
    audit({ object: objectOf(before), before: written(before), after: {} });
    await oidc.deleteOidcProvider(database, id);
    return undefined;
  });

  // Who knows an address of a domain learns at most the names of the providers for it; whether there is such a user,
  // or which tenant it is, can't be told from them.
  route(http, context, findLoginProviders, async ({ body, address }) => {
    tries.count(neighbourOf(address));
    const domain = body.email?.split('@').at(1)?.trim().toLowerCase();
    return { items: await oidc.listProvidersForLogin(system, domain) };
  });

  /** Runs one step of a browser on its way; where it can't go on, the sign-in page says why. */
  async function step(what: () => Promise<Response>): Promise<Response> {
    try {
      return await what();
    } catch (error) {
      const code = error instanceof LovelyError ? error.code : 'oidc-failed';
      log.warn({ error, reason: code }, 'a sign-in through a provider failed');
      return redirect(`/sign-in#oidc=${code}`);
    }
  }

  http.get(PATHS.oidcStart.replace('{id}', ':id'), (c) =>
    step(async () => {
      const request = c.req.raw;
      tries.count(neighbourOf(c.env.address));
      const id = c.req.param('id') ?? '';
      const provider = UUID.test(id) ? await oidc.findOidcProvider(system, id) : undefined;
      if (!provider) throw new LovelyError('not-found');
      const exchange = {
        state: randomBytes(32).toString('base64url'),
        nonce: randomBytes(32).toString('base64url'),
        codeVerifier: randomPKCECodeVerifier(),
        redirectUri: redirectUriOf(originOf(context, request), provider.tenantId),
      };
      const url = await client.authorizationUrl(settingsOf(provider), exchange);
      // One secret for all tabs of a browser that are on their way.
      const known = cookieValue(request, BROWSER_COOKIE);
      const browser = known && BROWSER_SECRET.test(known) ? known : randomBytes(32).toString('base64url');
      await oidc.insertOidcStart(system, hash(exchange.state), {
        tenantId: provider.tenantId,
        providerId: provider.id,
        browserHash: hash(browser),
        ...exchange,
      });
      return redirect(url.href, browserCookie(request, browser));
    }),
  );

  http.get(PATHS.oidcCallback.replace('{id}', ':id'), (c) =>
    step(async () => {
      const request = c.req.raw;
      const { address } = c.env;
      tries.count(neighbourOf(address));
      const { search, searchParams } = new URL(request.url);
      const state = searchParams.get('state') ?? '';
      const start = await oidc.takeOidcStart(system, hash(state));
      const browser = cookieValue(request, BROWSER_COOKIE) ?? '';
      // A link that somebody else sent, to sign this browser in as them.
      if (!start || !timingSafeEqual(hash(browser), start.browserHash))
        throw new LovelyError('oidc-failed', 'This browser was not sent to the provider, or too long ago.');
      // A provider of one tenant that passes browsers on to another tenant's, to get at the codes of that.
      if (start.tenantId !== c.req.param('id'))
        throw new LovelyError('oidc-failed', 'The answer came to the address of another organisation.');
      const provider = await oidc.findOidcProvider(system, start.providerId);
      if (!provider) throw new LovelyError('not-found');
      const person = await client
        .identify(settingsOf(provider), { state, ...start }, search)
        .catch((cause: unknown) => {
          throw new LovelyError('oidc-failed', undefined, { cause });
        });
      const tell = (name: string, object: { type: string; id: string; name?: string }, result: string): Promise<void> =>
        recordAudit(system, provider.tenantId, {
          actor: { type: 'user', id: object.type === 'user' ? object.id : '', name },
          action: 'login.create',
          note: { object, details: { method: 'oidc', provider: provider.name } },
          result,
          address,
        });
      const user = await admit(system, provider, person, address).catch(async (error: unknown) => {
        if (error instanceof LovelyError)
          await tell(
            person.email ?? person.subject,
            { type: 'oidc-provider', id: provider.id, name: provider.name },
            error.code,
          );
        throw error;
      });
      const headers = new Headers({ location: '/' });
      const setHeader = (name: string, value: string): void => headers.append(name, value);
      await openBrowserLogin(context, user, { request, address, setHeader }, { method: 'oidc', hasSecondFactor: true });
      return new Response(null, { status: 302, headers });
    }),
  );

  function settingsOf({ id, issuer, clientId, clientSecret }: oidc.OidcProviderRecord): OidcClientSettings {
    return { issuer, clientId, clientSecret: seal.open(oidcClientSecret(id), clientSecret) };
  }
}

/**
 * Whoever names a provider can come in through it as anybody of the tenant, so they must hold all that anybody of the
 * tenant may hold. (Who administers the system comes in through none: oidc-people.ts.)
 */
function requireWholeTenant({ user }: Person): void {
  for (const permission of BUILT_IN_ROLES.administrator.permissions)
    if (user.access.get(permission)?.kind !== 'all')
      throw new LovelyError(
        'not-allowed',
        'Whoever adds a sign-in provider must be an administrator of everything here.',
      );
}

/** The sign-in page is that of all tenants: who may put a button on it could lead their people anywhere. */
function requireToShowEverybody({ firstTenantId }: ApiContext, { tenantId, may }: Person): void {
  if (tenantId !== firstTenantId && !may('system.admin'))
    throw new LovelyError(
      'not-allowed',
      'Only the organisation that runs the system offers a provider to everybody. Yours shows to who types an address of its domains.',
    );
}

function roleOf(roleId: string): { roleId: string; groupIds: null } {
  return { roleId, groupIds: null };
}

/** The origin by which the browser knows us; behind a proxy the public one. */
function originOf({ origins, publicUrl }: ApiContext, request: Request): string {
  const { origin } = new URL(request.url);
  return origins.has(origin) ? origin : publicUrl;
}

function redirectUriOf(origin: string, tenantId: string): string {
  return origin + PATHS.oidcCallback.replace('{id}', tenantId);
}

/** SameSite=Lax: it must come along when the provider sends the browser back. */
function browserCookie(request: Request, browser: string): string {
  const secure = new URL(request.url).protocol === 'https:' ? '; Secure' : '';
  return `${BROWSER_COOKIE}=${browser}; Path=/api/v1/login; Max-Age=${OIDC_START_SECONDS}; HttpOnly; SameSite=Lax${secure}`;
}

function redirect(location: string, cookie?: string): Response {
  return new Response(null, { status: 302, headers: { location, ...(cookie ? { 'set-cookie': cookie } : {}) } });
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function objectOf({ id, name }: oidc.OidcProviderRecord): { type: string; id: string; name: string } {
  return { type: 'oidc-provider', id, name };
}

/** What people write of it, without the secret. */
function written(provider: oidc.OidcProviderRecord): Record<string, unknown> {
  const { name, issuer, clientId, emailDomains, roleForNewPeople, isPublic } = provider;
  return { name, issuer, clientId, emailDomains, roleForNewPeople, isPublic };
}

function publicProvider(provider: oidc.OidcProviderRecord, { publicUrl }: ApiContext): OidcProvider {
  const { id, tenantId, name, issuer, clientId, emailDomains, roleForNewPeople, isPublic, createdAt, version } =
    provider;
  return {
    id,
    name,
    issuer,
    clientId,
    emailDomains,
    roleForNewPeople,
    isPublic,
    redirectUri: redirectUriOf(publicUrl, tenantId),
    createdAt: createdAt.toISOString(),
    version,
  };
}
