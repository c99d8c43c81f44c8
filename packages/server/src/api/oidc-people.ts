/** Who somebody is here whom a provider has identified. */
import { randomUUID } from 'node:crypto';
import { NAME_LENGTH_MAX, type Grant } from '@lovely/api';
import { LovelyError } from '../errors.ts';
import { takeInvitationOf } from '../store/invitations.ts';
import { findOidcLink, insertOidcLink, type OidcProviderRecord } from '../store/oidc.ts';
import type { Database } from '../store/store.ts';
import { inTransaction } from '../store/transaction.ts';
import { findUser, findUserByEmail, insertUser, type UserRecord } from '../store/users.ts';
import { recordAudit } from './change.ts';
import type { OidcPerson } from './oidc-client.ts';

/**
 * The user whom the provider means: by its name for the person once that is known, the first time by the e-mail address.
 * Somebody new comes in by an invitation, or where the provider has a role for new people.
 * Throws 'oidc-refused' or 'user-disabled'.
 */
export async function admit(
  system: Database,
  provider: OidcProviderRecord,
  person: OidcPerson,
  address: string,
): Promise<UserRecord> {
  const email = requireOwnEmail(provider, person);
  return await inTransaction(system, async (database) => {
    const user =
      (await findLinked(database, provider, person)) ??
      (await findByEmail(database, provider, person, email)) ??
      (await makeUser(database, provider, person, email, address));
    // A tenant vouches for its own people, and not for who administers the system.
    if (user.access.has('system.admin'))
      throw new LovelyError('oidc-refused', 'Who administers the system signs in with a password or a passkey.');
    if (user.isDisabled) throw new LovelyError('user-disabled');
    return user;
  });
}

/** Throws 'oidc-refused' unless the provider says that the address is the person's, and it is of a domain that counts. */
function requireOwnEmail({ emailDomains }: OidcProviderRecord, { email, isEmailVerified }: OidcPerson): string {
  if (email === undefined) throw new LovelyError('oidc-refused', 'The provider tells no e-mail address.');
  if (!isEmailVerified)
    throw new LovelyError('oidc-refused', 'The provider has not verified that the e-mail address is yours.');
  const [name, domain, ...rest] = email.toLowerCase().split('@');
  if (!name || !domain || rest.length > 0 || !emailDomains.includes(domain))
    throw new LovelyError('oidc-refused', 'People with this e-mail address do not come in through this provider.');
  return email;
}

async function findLinked(
  database: Database,
  { id }: OidcProviderRecord,
  { subject }: OidcPerson,
): Promise<UserRecord | undefined> {
  const userId = await findOidcLink(database, id, subject);
  return userId === undefined ? undefined : await findUser(database, userId);
}

async function findByEmail(
  database: Database,
  { id: providerId, tenantId }: OidcProviderRecord,
  { subject }: OidcPerson,
  email: string,
): Promise<UserRecord | undefined> {
  const user = await findUserByEmail(database, email);
  if (!user) return undefined;
  // Said as for somebody unknown: who belongs to another tenant is nobody's business.
  if (user.tenant.id !== tenantId) throw notInvited();
  await insertOidcLink(database, { tenantId, providerId, subject, userId: user.id });
  return user;
}

async function makeUser(
  database: Database,
  { id: providerId, name: providerName, tenantId, roleForNewPeople }: OidcProviderRecord,
  { subject, name }: OidcPerson,
  email: string,
  address: string,
): Promise<UserRecord> {
  const invited = await takeInvitationOf(database, tenantId, email);
  const grants: readonly Grant[] | undefined =
    invited ?? (roleForNewPeople === null ? undefined : [{ roleId: roleForNewPeople, groupIds: null }]);
  if (!grants) throw notInvited();
  // No password: an empty hash is none of any.
  const user = await insertUser(database, {
    id: randomUUID(),
    tenantId,
    email,
    name: name?.trim().slice(0, NAME_LENGTH_MAX) || email,
    passwordHash: '',
    grants,
  });
  if (!user) throw notInvited();
  await insertOidcLink(database, { tenantId, providerId, subject, userId: user.id });
  await recordAudit(database, tenantId, {
    actor: { type: 'user', id: user.id, name: email },
    action: 'user.create',
    note: {
      object: { type: 'user', id: user.id, name: email },
      before: {},
      after: { grants },
      details: { provider: providerName },
    },
    result: 'success',
    address,
  });
  return user;
}

function notInvited(): LovelyError {
  return new LovelyError('oidc-refused', 'Nobody has invited this e-mail address.');
}
