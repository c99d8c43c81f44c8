/** Set-up and sign-in. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { NAME_LENGTH_MAX, PASSWORD_LENGTH_MAX } from '../limits.ts';
import { newPassword, user } from '../nouns.ts';
import { factorCode } from './factors.ts';

const none = z.object({});
const nothing = z.undefined();

export const getSetup = endpoint({
  method: 'GET',
  path: '/api/v1/setup',
  summary: 'Whether the first administrator is still to be made',
  access: 'anyone',
  params: none,
  query: none,
  body: nothing,
  result: z.object({ needed: z.boolean() }),
  status: 200,
});

export const createSetup = endpoint({
  method: 'POST',
  path: '/api/v1/setup',
  summary: 'Make the first administrator with the one-time code that the server printed, and sign in',
  access: 'anyone',
  action: 'setup.create',
  params: none,
  query: none,
  body: z.object({
    code: z.string().max(128),
    email: z.email().max(NAME_LENGTH_MAX),
    name: z.string().trim().min(1).max(NAME_LENGTH_MAX),
    password: newPassword,
  }),
  result: user,
  status: 201,
});

export const createLogin = endpoint({
  method: 'POST',
  path: '/api/v1/login',
  summary: 'Sign in; the answer sets an HttpOnly cookie',
  access: 'anyone',
  action: 'login.create',
  params: none,
  query: none,
  body: z.object({
    email: z.string().max(NAME_LENGTH_MAX),
    password: z.string().max(PASSWORD_LENGTH_MAX),
    /** Where codes are turned on; without it the answer is 401 'second-factor-needed'. */
    code: factorCode.optional(),
  }),
  result: user,
  status: 200,
});

export const deleteLogin = endpoint({
  method: 'DELETE',
  path: '/api/v1/login',
  summary: 'Sign out: the cookie and its token are void at once',
  access: 'person',
  action: 'login.delete',
  params: none,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});

export const getMe = endpoint({
  method: 'GET',
  path: '/api/v1/me',
  summary: 'Who is signed in and what they may do',
  access: 'person',
  takesTokens: true,
  params: none,
  query: none,
  body: nothing,
  result: user,
  status: 200,
});

export const updateMe = endpoint({
  method: 'PATCH',
  path: '/api/v1/me',
  summary: 'Change the own name',
  access: 'person',
  action: 'me.update',
  params: none,
  query: none,
  body: z.object({ name: z.string().trim().min(1).max(NAME_LENGTH_MAX) }),
  result: user,
  status: 200,
});
