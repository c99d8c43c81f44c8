/**
 * Personal access tokens, for programs: `lovely_pat_` and 38 letters and digits, the last six a checksum. One may do
 * what it names and its owner still may; never what concerns the account itself, as making tokens.
 */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { NAME_LENGTH_MAX, TOKEN_DAYS_MAX } from '../limits.ts';
import { id, time } from '../nouns.ts';
import { PERMISSION_NAMES } from '../roles.ts';

const none = z.object({});
const nothing = z.undefined();
const permissions = z.array(z.enum(PERMISSION_NAMES)).min(1).max(PERMISSION_NAMES.length);

export const token = z.object({
  id,
  name: z.string(),
  /** What it may do as long as its owner may. */
  permissions,
  createdAt: time,
  /** To the minute; null: never. */
  lastUsedAt: time.nullable(),
  /** Past: it is void. */
  expiresAt: time,
});
export type Token = z.infer<typeof token>;

export const listTokens = endpoint({
  method: 'GET',
  path: '/api/v1/me/tokens',
  summary: 'The access tokens of whoever is signed in, newest first',
  access: 'person',
  params: none,
  query: none,
  body: nothing,
  result: z.object({ items: z.array(token) }),
  status: 200,
});

export const createToken = endpoint({
  method: 'POST',
  path: '/api/v1/me/tokens',
  summary: 'Make an access token; the answer shows it, once',
  access: 'person',
  action: 'token.create',
  params: none,
  query: none,
  body: z.object({
    name: z.string().trim().min(1).max(NAME_LENGTH_MAX),
    permissions,
    expiresInDays: z.number().int().min(1).max(TOKEN_DAYS_MAX),
  }),
  result: token.extend({ secret: z.string() }),
  status: 201,
});

export const deleteToken = endpoint({
  method: 'DELETE',
  path: '/api/v1/me/tokens/{id}',
  summary: 'Delete an access token: it is void at once',
  access: 'person',
  action: 'token.delete',
  params: z.object({ id }),
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});
