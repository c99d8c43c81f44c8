/** Nobody gives away more than they have, nor gets at the account of somebody who may do more. */
import type { Grant, Permission } from '@lovely/api';
import { covers } from '../domain/access.ts';
import { LovelyError } from '../errors.ts';
import { accessOfGrants } from '../store/grant-access.ts';
import type { Database } from '../store/store.ts';
import { findUser, type UserRecord } from '../store/users.ts';
import type { Person } from './context.ts';

/** Throws 'bad-input' for roles that there aren't, 'not-allowed' for more than the person holds. */
export async function requireGivable(person: Person, database: Database, grants: readonly Grant[]): Promise<void> {
  const asked = await accessOfGrants(database, person.tenantId, grants);
  if (!covers(person.user.access, asked))
    throw new LovelyError('not-allowed', 'These roles allow more than yours do. Ask somebody who holds them.');
}

/**
 * The user of that id, whom the person may look after: whoever can set somebody's password or take their second factor
 * off can act as them. Throws 'not-found', or 'not-allowed' when the user may do more than the person.
 */
export async function requireCovered(person: Person, database: Database, userId: string): Promise<UserRecord> {
  const user = await findUser(database, userId);
  if (!user) throw new LovelyError('not-found');
  if (!covers(person.user.access, user.access))
    throw new LovelyError('not-allowed', 'This user may do more than you. Ask somebody who holds the same roles.');
  return user;
}

/** Whether the person holds the permission for all houses. */
export function mayEverywhere(person: Person, permission: Permission): boolean {
  return person.may(permission) && person.scope(permission).kind === 'all';
}
