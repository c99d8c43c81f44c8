/**
 * Sign-in through an OpenID Connect provider of the tenant. The browser goes to PATHS.oidcStart with the provider's id,
 * is sent to the provider and from there to PATHS.oidcCallback, and ends on `/` signed in, or on
 * `/sign-in#oidc=<code>` with a code of the error catalogue.
 */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { EMAIL_DOMAINS_MAX, NAME_LENGTH_MAX, URL_LENGTH_MAX } from '../limits.ts';
import { id, time } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });
const name = z.string().trim().min(1).max(NAME_LENGTH_MAX);
const issuer = z.url().max(URL_LENGTH_MAX);
const clientId = z.string().trim().min(1).max(NAME_LENGTH_MAX);
const clientSecret = z.string().min(1).max(1000);

/** `example.com`; people of other domains can't come in through the provider. */
const emailDomain = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}$/, 'a domain, as example.com');
const emailDomains = z.array(emailDomain).min(1).max(EMAIL_DOMAINS_MAX);

/** The key or id of the role that somebody new gets; null: only who is a user or invited already comes in. */
const roleForNewPeople = z.string().min(1).max(64).nullable();

export const oidcProvider = z.object({
  id,
  name: z.string(),
  issuer: z.string(),
  clientId: z.string(),
  emailDomains: z.array(z.string()),
  roleForNewPeople,
  /**
   * Offered to everybody on the sign-in page, which only the tenant that runs the system may do; otherwise to who typed an
   * address of one of the domains.
   */
  isPublic: z.boolean(),
  /** What the provider must allow as redirect URI. */
  redirectUri: z.string(),
  createdAt: time,
  version: z.number().int(),
});
export type OidcProvider = z.infer<typeof oidcProvider>;

export const listOidcProviders = endpoint({
  method: 'GET',
  path: '/api/v1/oidc-providers',
  summary: 'The OpenID Connect providers of the tenant; their client secrets are never shown',
  access: 'tenant.write',
  params: none,
  query: none,
  body: nothing,
  result: z.object({
    items: z.array(oidcProvider),
    /** What a new provider must allow, known before it is made. */
    redirectUri: z.string(),
  }),
  status: 200,
});

export const createOidcProvider = endpoint({
  method: 'POST',
  path: '/api/v1/oidc-providers',
  summary: 'Add a provider; its discovery document is read first',
  access: 'tenant.write',
  action: 'oidc-provider.create',
  params: none,
  query: none,
  body: z.object({
    name,
    issuer,
    clientId,
    clientSecret,
    emailDomains,
    roleForNewPeople: roleForNewPeople.default(null),
    isPublic: z.boolean().default(false),
  }),
  result: oidcProvider,
  status: 201,
});

export const updateOidcProvider = endpoint({
  method: 'PATCH',
  path: '/api/v1/oidc-providers/{id}',
  summary: 'Change a provider; another issuer means another provider',
  access: 'tenant.write',
  action: 'oidc-provider.update',
  params: byId,
  query: none,
  body: z.object({
    name: name.optional(),
    clientId: clientId.optional(),
    clientSecret: clientSecret.optional(),
    emailDomains: emailDomains.optional(),
    roleForNewPeople: roleForNewPeople.optional(),
    isPublic: z.boolean().optional(),
  }),
  result: oidcProvider,
  status: 200,
});

export const deleteOidcProvider = endpoint({
  method: 'DELETE',
  path: '/api/v1/oidc-providers/{id}',
  summary: 'Delete a provider: nobody signs in through it any more; the people stay',
  access: 'tenant.write',
  action: 'oidc-provider.delete',
  params: byId,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});

export const findLoginProviders = endpoint({
  method: 'POST',
  path: '/api/v1/login/providers',
  summary: 'Providers for the sign-in page: the public ones, and those for the domain of an e-mail address',
  access: 'anyone',
  params: none,
  query: none,
  body: z.object({ email: z.string().max(NAME_LENGTH_MAX).optional() }),
  result: z.object({ items: z.array(z.object({ id, name: z.string() })) }),
  status: 200,
});
