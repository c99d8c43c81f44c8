/** Invitations: a link that somebody becomes a user with. Its code stands in the fragment, `/invite#code`. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { NAME_LENGTH_MAX, ONE_TIME_CODE_LENGTH_MAX } from '../limits.ts';
import { id, newPassword, time, user } from '../nouns.ts';
import { grants } from './users.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });
const code = z.string().min(1).max(ONE_TIME_CODE_LENGTH_MAX);

export const invitation = z.object({
  id,
  email: z.email(),
  grants,
  /** The name of who sent it. */
  invitedBy: z.string(),
  createdAt: time,
  /** Past: the link is void until it is renewed. */
  expiresAt: time,
});
export type Invitation = z.infer<typeof invitation>;

/** The link is shown here and never again. */
export const invitationWithLink = invitation.extend({
  url: z.url(),
  /** Whether it is on its way by e-mail too. */
  isMailed: z.boolean(),
});
export type InvitationWithLink = z.infer<typeof invitationWithLink>;

export const listInvitations = endpoint({
  method: 'GET',
  path: '/api/v1/invitations',
  summary: 'Invitations that nobody has accepted yet, newest first',
  access: 'people.read',
  params: none,
  query: none,
  body: nothing,
  result: z.object({ items: z.array(invitation) }),
  status: 200,
});

export const createInvitation = endpoint({
  method: 'POST',
  path: '/api/v1/invitations',
  summary: 'Invite somebody: the answer has a link that works once, within seven days',
  access: 'people.write',
  action: 'invitation.create',
  params: none,
  query: none,
  body: z.object({ email: z.email().max(NAME_LENGTH_MAX), grants }),
  result: invitationWithLink,
  status: 201,
});

export const renewInvitation = endpoint({
  method: 'POST',
  path: '/api/v1/invitations/{id}/renewals',
  summary: 'Make a new link for an invitation; the old one is void',
  access: 'people.write',
  action: 'invitation.renew',
  params: byId,
  query: none,
  body: nothing,
  result: invitationWithLink,
  status: 201,
});

export const deleteInvitation = endpoint({
  method: 'DELETE',
  path: '/api/v1/invitations/{id}',
  summary: 'Take an invitation back: its link is void',
  access: 'people.write',
  action: 'invitation.delete',
  params: byId,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});

export const readInvitation = endpoint({
  method: 'POST',
  path: '/api/v1/invitation',
  summary: 'What the link of an invitation stands for: to whom, from whom, to which tenant',
  access: 'anyone',
  params: none,
  query: none,
  body: z.object({ code }),
  result: z.object({ email: z.email(), tenantName: z.string(), invitedBy: z.string(), expiresAt: time }),
  status: 200,
});

export const acceptInvitation = endpoint({
  method: 'POST',
  path: '/api/v1/invitation/acceptance',
  summary: 'Become a user by the link of an invitation, and sign in; the answer sets an HttpOnly cookie',
  access: 'anyone',
  action: 'invitation.accept',
  params: none,
  query: none,
  body: z.object({ code, name: z.string().trim().min(1).max(NAME_LENGTH_MAX), password: newPassword }),
  result: user,
  status: 201,
});
