/** Passwords: changed by their owner, or set anew by a link, `/reset#code`, that works once within an hour. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { NAME_LENGTH_MAX, ONE_TIME_CODE_LENGTH_MAX, PASSWORD_LENGTH_MAX } from '../limits.ts';
import { id, newPassword, time } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();
const code = z.string().min(1).max(ONE_TIME_CODE_LENGTH_MAX);

export const changePassword = endpoint({
  method: 'PUT',
  path: '/api/v1/me/password',
  summary: 'Change the own password; all other sign-ins end',
  access: 'person',
  action: null,
  params: none,
  query: none,
  body: z.object({ currentPassword: z.string().max(PASSWORD_LENGTH_MAX), password: newPassword }),
  result: nothing,
  status: 204,
});

export const requestPasswordReset = endpoint({
  method: 'POST',
  path: '/api/v1/password-resets',
  summary: 'Ask for a link by e-mail; the answer is the same whether there is such a user or not',
  access: 'anyone',
  action: 'password.request-reset',
  params: none,
  query: none,
  body: z.object({ email: z.string().max(NAME_LENGTH_MAX) }),
  /** Without a mail server nothing comes: an administrator makes the link. */
  result: z.object({ isMailConfigured: z.boolean() }),
  status: 200,
});

export const createPasswordReset = endpoint({
  method: 'POST',
  path: '/api/v1/users/{id}/password-resets',
  summary: 'Make a link by which a user sets a new password; it is shown once',
  access: 'people.write',
  action: 'user.reset-password',
  params: z.object({ id }),
  query: none,
  body: nothing,
  result: z.object({
    url: z.url(),
    expiresAt: time,
    /** Whether it is on its way to the user by e-mail too. */
    isMailed: z.boolean(),
  }),
  status: 201,
});

export const readPasswordReset = endpoint({
  method: 'POST',
  path: '/api/v1/password-reset',
  summary: 'Whose password a link sets anew, and until when',
  access: 'anyone',
  params: none,
  query: none,
  body: z.object({ code }),
  result: z.object({ email: z.email(), expiresAt: time }),
  status: 200,
});

export const completePasswordReset = endpoint({
  method: 'POST',
  path: '/api/v1/password-reset/completion',
  summary: 'Set a new password by a link; all sign-ins of the user end, and they sign in anew',
  access: 'anyone',
  action: 'password.reset',
  params: none,
  query: none,
  body: z.object({ code, password: newPassword }),
  result: nothing,
  status: 204,
});
