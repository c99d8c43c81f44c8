/** Invitations that nobody has accepted yet. */
import { sql } from 'kysely';
import type { Grant, Invitation } from '@lovely/api';
import { LovelyError } from '../errors.ts';
import { INVITATION_SECONDS, INVITATIONS_MAX } from '../limits.ts';
import type { Database } from './store.ts';

export interface InvitationRecord extends Invitation {
  readonly tenant: { readonly id: string; readonly name: string };
}

const selectInvitations = (database: Database) =>
  database
    .selectFrom('invitations')
    .innerJoin('tenants', 'tenants.id', 'invitations.tenant_id')
    .select([
      'invitations.id',
      'email',
      'grants',
      'invited_by_name as invitedBy',
      'invitations.created_at as createdAt',
      'expires_at as expiresAt',
      'tenants.id as tenantId',
      'tenants.name as tenantName',
    ]);

type InvitationRow = Awaited<ReturnType<ReturnType<typeof selectInvitations>['executeTakeFirstOrThrow']>>;

function toRecord({ tenantId, tenantName, createdAt, expiresAt, ...row }: InvitationRow): InvitationRecord {
  return {
    ...row,
    tenant: { id: tenantId, name: tenantName },
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
}

/**
 * Throws 'email-taken' for somebody who belongs to this tenant already, 'invitation-exists' for somebody who is invited
 * already. Users of other tenants don't show: see api/invitations.ts.
 */
export async function insertInvitation(
  database: Database,
  invitation: {
    id: string;
    tenantId: string;
    email: string;
    grants: readonly Grant[];
    codeHash: Buffer;
    invitedBy: { id: string; name: string };
  },
): Promise<InvitationRecord> {
  const { tenantId, email } = invitation;
  const user = await database
    .selectFrom('users')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where(sql`lower(email)`, '=', email.toLowerCase())
    .executeTakeFirst();
  if (user) throw new LovelyError('email-taken', `${email} belongs to a user of this organisation already.`);
  const { count } = await database
    .selectFrom('invitations')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('tenant_id', '=', tenantId)
    .executeTakeFirstOrThrow();
  if (count >= INVITATIONS_MAX)
    throw new LovelyError('invitation-limit', `There are ${INVITATIONS_MAX} invitations that nobody has accepted.`);
  const made = await database
    .insertInto('invitations')
    .values({
      id: invitation.id,
      tenant_id: tenantId,
      email,
      grants: JSON.stringify(invitation.grants),
      code_hash: invitation.codeHash,
      invited_by: invitation.invitedBy.id,
      invited_by_name: invitation.invitedBy.name,
      expires_at: fromNow(INVITATION_SECONDS),
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (made.numInsertedOrUpdatedRows !== 1n) throw new LovelyError('invitation-exists');
  return await getInvitation(database, tenantId, invitation.id);
}

/** The newest first. */
export async function listInvitations(database: Database, tenantId: string): Promise<InvitationRecord[]> {
  const rows = await selectInvitations(database)
    .where('tenant_id', '=', tenantId)
    .orderBy('invitations.created_at', 'desc')
    .orderBy('invitations.id', 'desc')
    .execute();
  return rows.map(toRecord);
}

/** Throws 'not-found'. */
export async function getInvitation(database: Database, tenantId: string, id: string): Promise<InvitationRecord> {
  const row = await selectInvitations(database)
    .where('tenant_id', '=', tenantId)
    .where('invitations.id', '=', id)
    .executeTakeFirst();
  if (!row) throw new LovelyError('not-found');
  return toRecord(row);
}

/** Gives it another code and its full time again. Throws 'not-found'. */
export async function renewInvitation(
  database: Database,
  tenantId: string,
  id: string,
  codeHash: Buffer,
  invitedBy: { id: string; name: string },
): Promise<InvitationRecord> {
  await database
    .updateTable('invitations')
    .set({
      code_hash: codeHash,
      expires_at: fromNow(INVITATION_SECONDS),
      invited_by: invitedBy.id,
      invited_by_name: invitedBy.name,
    })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .execute();
  return await getInvitation(database, tenantId, id);
}

/** Throws 'not-found'. */
export async function deleteInvitation(database: Database, tenantId: string, id: string): Promise<void> {
  const { numDeletedRows } = await database
    .deleteFrom('invitations')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw new LovelyError('not-found');
}

/** What somebody invited who may no longer do so. */
export async function deleteInvitationsBy(database: Database, userId: string): Promise<void> {
  await database.deleteFrom('invitations').where('invited_by', '=', userId).execute();
}

/** The invitation of a code that still works. */
export async function findInvitationByCode(
  database: Database,
  codeHash: Buffer,
): Promise<InvitationRecord | undefined> {
  const row = await selectInvitations(database)
    .where('code_hash', '=', codeHash)
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  return row && toRecord(row);
}

/** Uses an invitation up and returns it. Of several at once with the same code, one gets it. */
export async function useInvitation(database: Database, codeHash: Buffer): Promise<InvitationRecord | undefined> {
  const invitation = await findInvitationByCode(database, codeHash);
  if (!invitation) return undefined;
  const { numDeletedRows } = await database
    .deleteFrom('invitations')
    .where('id', '=', invitation.id)
    .where('code_hash', '=', codeHash)
    .executeTakeFirst();
  return numDeletedRows === 1n ? invitation : undefined;
}

/** Uses up the invitation of somebody who has shown that the address is theirs. Returns the roles it gives. */
export async function takeInvitationOf(
  database: Database,
  tenantId: string,
  email: string,
): Promise<readonly Grant[] | undefined> {
  const row = await database
    .deleteFrom('invitations')
    .where('tenant_id', '=', tenantId)
    .where(sql`lower(email)`, '=', email.toLowerCase())
    .where('expires_at', '>', sql<Date>`now()`)
    .returning('grants')
    .executeTakeFirst();
  return row?.grants;
}

function fromNow(seconds: number): ReturnType<typeof sql<Date>> {
  return sql<Date>`now() + make_interval(secs => ${seconds})`;
}

/** Deletes invitations that expired so long ago that nobody will renew them. */
export async function deleteOldInvitations(database: Database, days: number): Promise<void> {
  await database
    .deleteFrom('invitations')
    .where('expires_at', '<', sql<Date>`now() - make_interval(days => ${days})`)
    .execute();
}
