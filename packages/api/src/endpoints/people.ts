/** Set-up and sign-in. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { NAME_LENGTH_MAX, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '../limits.ts';
import { user } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();
const password = z.string().min(PASSWORD_LENGTH_MIN).max(PASSWORD_LENGTH_MAX);

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
  params: none,
  query: none,
  body: z.object({
    code: z.string().max(128),
    email: z.email().max(NAME_LENGTH_MAX),
    name: z.string().trim().min(1).max(NAME_LENGTH_MAX),
    password,
  }),
  result: user,
  status: 201,
});

export const createLogin = endpoint({
  method: 'POST',
  path: '/api/v1/login',
  summary: 'Sign in; the answer sets an HttpOnly cookie',
  access: 'anyone',
  params: none,
  query: none,
  body: z.object({ email: z.string().max(NAME_LENGTH_MAX), password: z.string().max(PASSWORD_LENGTH_MAX) }),
  result: user,
  status: 200,
});

export const deleteLogin = endpoint({
  method: 'DELETE',
  path: '/api/v1/login',
  summary: 'Sign out: the cookie and its token are void at once',
  access: 'fleet.read',
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
  access: 'fleet.read',
  params: none,
  query: none,
  body: nothing,
  result: user,
  status: 200,
});
