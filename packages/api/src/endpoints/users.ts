/** The users of a tenant, as those see them who look after people. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { GRANT_GROUPS_MAX, GRANTS_MAX, NAME_LENGTH_MAX, PAGE_DEFAULT, PAGE_MAX } from '../limits.ts';
import { id, time } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });

/** A role that somebody has, for all devices or for those of some groups. */
export const grant = z.object({
  /** The key of a built-in role, or the id of one of the tenant's own. */
  roleId: z.string().min(1).max(64),
  /** Null: everywhere. Empty when its groups are gone: nowhere. */
  groupIds: z.array(id).max(GRANT_GROUPS_MAX).nullable(),
});
export type Grant = z.infer<typeof grant>;

export const grants = z.array(grant).max(GRANTS_MAX);

export const userAccount = z.object({
  id,
  email: z.email(),
  name: z.string(),
  grants,
  /** When somebody disabled the account; null: it may sign in. */
  disabledAt: time.nullable(),
  /** Whether signing in takes more than the password. */
  hasSecondFactor: z.boolean(),
  lastLoginAt: time.nullable(),
  createdAt: time,
  version: z.number().int(),
});
export type UserAccount = z.infer<typeof userAccount>;

export const listUsers = endpoint({
  method: 'GET',
  path: '/api/v1/users',
  summary: 'The users of the tenant, newest first, a page at a time',
  access: 'people.read',
  params: none,
  query: z.object({
    /** Part of the name or e-mail address. */
    search: z.string().max(NAME_LENGTH_MAX).optional(),
    /** `next` of the page before. */
    cursor: z.string().max(200).optional(),
    limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  }),
  body: nothing,
  result: z.object({ items: z.array(userAccount), next: z.string().nullable() }),
  status: 200,
});

export const getUser = endpoint({
  method: 'GET',
  path: '/api/v1/users/{id}',
  summary: 'One user with their roles',
  access: 'people.read',
  params: byId,
  query: none,
  body: nothing,
  result: userAccount,
  status: 200,
});

export const updateUser = endpoint({
  method: 'PATCH',
  path: '/api/v1/users/{id}',
  summary: 'Name, grant roles to, disable or enable a user; nobody grants more than they hold themselves',
  access: 'people.write',
  action: 'user.update',
  params: byId,
  query: none,
  body: z.object({
    name: z.string().trim().min(1).max(NAME_LENGTH_MAX).optional(),
    /** All of them: they replace those the user has. */
    grants: grants.optional(),
    /** True ends all sign-ins of the user at once. */
    disabled: z.boolean().optional(),
  }),
  result: userAccount,
  status: 200,
});

export const deleteUser = endpoint({
  method: 'DELETE',
  path: '/api/v1/users/{id}',
  summary: 'Delete a user and end all of their sign-ins at once',
  access: 'people.write',
  action: 'user.delete',
  params: byId,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});

export const deleteUserFactors = endpoint({
  method: 'DELETE',
  path: '/api/v1/users/{id}/factors',
  summary: 'Take all second factors off a user who lost them',
  access: 'people.write',
  action: 'user.delete-factors',
  params: byId,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});

export const deleteUserLogins = endpoint({
  method: 'DELETE',
  path: '/api/v1/users/{id}/logins',
  summary: 'Sign a user out everywhere',
  access: 'people.write',
  action: 'user.delete-logins',
  params: byId,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});
