/**
 * Invitations. An e-mail address belongs to one user in the whole system, whatever the tenant, and nobody may learn from
 * an invitation who belongs to another one. So making one looks at the own tenant alone; that the address is taken
 * elsewhere is told to whoever holds the link, when they accept. That is its owner, whom it tells nothing new, or an
 * administrator who takes their own invitation to probe addresses one by one, each with an entry in their audit log.
 */
import { randomUUID } from 'node:crypto';
import {
  acceptInvitation,
  createInvitation,
  deleteInvitation,
  listInvitations,
  readInvitation,
  renewInvitation,
  type Invitation,
  type InvitationWithLink,
} from '@lovely/api';
import { createOneTimeCode, hashOneTimeCode } from '../domain/one-time-code.ts';
import { LovelyError } from '../errors.ts';
import { ONE_TIME_CODE_TRIES, SIGN_IN_WINDOW_MS } from '../limits.ts';
import { invitationMail } from '../mail/letters.ts';
import { neighbourOf } from '../network.ts';
import { hashPassword } from '../password-hash.ts';
import * as invitations from '../store/invitations.ts';
import { inTransaction } from '../store/transaction.ts';
import { findUserByEmail, insertUser, type UserRecord } from '../store/users.ts';
import { createAttempts } from './attempts.ts';
import { recordAudit } from './change.ts';
import type { ApiContext } from './context.ts';
import { requireGivable } from './given-access.ts';
import { requireOwnOrigin } from './guard.ts';
import { linkTo } from './links.ts';
import { openBrowserLogin } from './logins.ts';
import { requireGoodPassword } from './new-password.ts';
import { route, type Http } from './route.ts';

const INVITED = { method: 'invitation', hasSecondFactor: false } as const;

export function routeInvitations(http: Http, context: ApiContext): void {
  const { database: system } = context.store;
  const attempts = createAttempts(ONE_TIME_CODE_TRIES, SIGN_IN_WINDOW_MS, Date.now);

  route(http, context, listInvitations, async ({ person, database }) => ({
    items: (await invitations.listInvitations(database, person.tenantId)).map(publicInvitation),
  }));

  route(http, context, createInvitation, async ({ person, database, body, request, audit, afterCommit }) => {
    audit({ object: { type: 'invitation', id: '', name: body.email } });
    await requireGivable(person, database, body.grants);
    const { code, hash: codeHash } = createOneTimeCode();
    const { tenantId, user: invitedBy } = person;
    const id = randomUUID();
    const invitation = await invitations.insertInvitation(database, { id, tenantId, ...body, codeHash, invitedBy });
    audit({ ...noteOf(invitation), before: {}, after: { grants: body.grants } });
    afterCommit(() => mailInvitation(context, invitation, code));
    return withLink(context, request, invitation, code);
  });

  // Its roles are given anew, and the new link is in the hands of whoever asked for it.
  route(http, context, renewInvitation, async ({ person, database, params, request, audit, afterCommit }) => {
    const { tenantId, user } = person;
    const before = await invitations.getInvitation(database, tenantId, params.id);
    audit(noteOf(before));
    await requireGivable(person, database, before.grants);
    const { code, hash } = createOneTimeCode();
    const invitation = await invitations.renewInvitation(database, tenantId, params.id, hash, user);
    afterCommit(() => mailInvitation(context, invitation, code));
    return withLink(context, request, invitation, code);
  });

  route(http, context, deleteInvitation, async ({ person, database, params, audit }) => {
    const invitation = await invitations.getInvitation(database, person.tenantId, params.id);
    audit({ ...noteOf(invitation), before: { grants: invitation.grants }, after: {} });
    await invitations.deleteInvitation(database, person.tenantId, params.id);
    return undefined;
  });

  route(http, context, readInvitation, async ({ body, address }) => {
    attempts.count(neighbourOf(address));
    const invitation = await invitations.findInvitationByCode(system, hashOneTimeCode(body.code));
    if (!invitation) throw new LovelyError('bad-link');
    const { email, invitedBy, expiresAt, tenant } = invitation;
    return { email, invitedBy, expiresAt, tenantName: tenant.name };
  });

  route(http, context, acceptInvitation, async ({ body, request, address, setHeader }) => {
    requireOwnOrigin(context, request);
    attempts.count(neighbourOf(address));
    const codeHash = hashOneTimeCode(body.code);
    // Before the costly hash, for those who made it up.
    const invitation = await invitations.findInvitationByCode(system, codeHash);
    if (!invitation) throw new LovelyError('bad-link');
    requireGoodPassword(body.password, { email: invitation.email, name: body.name });
    if (await findUserByEmail(system, invitation.email)) throw new LovelyError('email-taken');
    const passwordHash = await hashPassword(body.password, context.passwordCost);
    const user = await becomeUser(context, codeHash, { name: body.name, passwordHash }, address);
    return await openBrowserLogin(context, user, { request, address, setHeader }, INVITED);
  });
}

/** Uses the invitation up and makes its user, or neither. Throws 'bad-link' or 'email-taken'. */
async function becomeUser(
  context: ApiContext,
  codeHash: Buffer,
  { name, passwordHash }: { name: string; passwordHash: string },
  address: string,
): Promise<UserRecord> {
  return await inTransaction(context.store.database, async (transaction) => {
    const invitation = await invitations.useInvitation(transaction, codeHash);
    if (!invitation) throw new LovelyError('bad-link');
    const { id: tenantId } = invitation.tenant;
    const { email, grants } = invitation;
    const user = await insertUser(transaction, { id: randomUUID(), tenantId, email, name, passwordHash, grants });
    if (!user) throw new LovelyError('email-taken');
    await recordAudit(transaction, tenantId, {
      actor: { type: 'user', id: user.id, name: email },
      action: acceptInvitation.action,
      note: { ...noteOf(invitation), before: {}, after: { user: user.id, name, grants } },
      result: 'success',
      address,
    });
    return user;
  });
}

function mailInvitation(context: ApiContext, invitation: invitations.InvitationRecord, code: string): void {
  const { email: to, tenant, invitedBy, expiresAt } = invitation;
  const url = linkTo(context, 'invite', code);
  context.mailer?.send(invitationMail({ to, url, tenantName: tenant.name, invitedBy, expiresAt }));
}

function withLink(
  context: ApiContext,
  request: Request,
  invitation: invitations.InvitationRecord,
  code: string,
): InvitationWithLink {
  return {
    ...publicInvitation(invitation),
    url: linkTo(context, 'invite', code, request),
    isMailed: context.mailer !== undefined,
  };
}

function publicInvitation(invitation: invitations.InvitationRecord): Invitation {
  const { id, email, grants, invitedBy, createdAt, expiresAt } = invitation;
  return { id, email, grants, invitedBy, createdAt, expiresAt };
}

function noteOf({ id, email }: invitations.InvitationRecord): { object: { type: string; id: string; name: string } } {
  return { object: { type: 'invitation', id, name: email } };
}
