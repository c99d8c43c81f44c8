/** The sign-ins of whoever is signed in: where the account is open, and closing it there. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { id, time } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();

export const login = z.object({
  id,
  method: z.enum(['password', 'passkey', 'oidc', 'invitation', 'setup']),
  /** With a code, a passkey, or through a provider. */
  hasSecondFactor: z.boolean(),
  /** The network address it came from; null where that isn't known any more. */
  address: z.string().nullable(),
  /** In words, as "Firefox on Windows"; a program's name for tools. */
  browser: z.string(),
  createdAt: time,
  /** To the minute. */
  lastUsedAt: time,
  expiresAt: time,
  /** The one that asks. */
  isCurrent: z.boolean(),
});
export type Login = z.infer<typeof login>;

export const listLogins = endpoint({
  method: 'GET',
  path: '/api/v1/me/logins',
  summary: 'Where whoever asks is signed in, the latest used first',
  access: 'person',
  params: none,
  query: none,
  body: nothing,
  result: z.object({ items: z.array(login) }),
  status: 200,
});

export const endLogin = endpoint({
  method: 'DELETE',
  path: '/api/v1/me/logins/{id}',
  summary: 'Sign out there: its open pages and terminals end at once',
  access: 'person',
  action: 'login.end',
  params: z.object({ id }),
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});

export const endOtherLogins = endpoint({
  method: 'DELETE',
  path: '/api/v1/me/logins',
  summary: 'Sign out everywhere but here',
  access: 'person',
  action: 'login.end-others',
  params: none,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});
