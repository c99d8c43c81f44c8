/** The users of a tenant, for those who look after people. */
import {
  deleteUser,
  deleteUserFactors,
  deleteUserLogins,
  getUser,
  listUsers,
  updateUser,
  type Grant,
  type UserAccount,
} from '@lovely/api';
import { LovelyError } from '../errors.ts';
import { deleteFactors } from '../store/factors.ts';
import { deleteInvitationsBy } from '../store/invitations.ts';
import { revokeLogins } from '../store/logins.ts';
import { deletePasswordResets } from '../store/password-resets.ts';
import type { Database } from '../store/store.ts';
import {
  countUsersWithRole,
  deleteUserAccount,
  getUserAccount,
  listUserAccounts,
  lockAdministrators,
  updateUserAccount,
} from '../store/user-accounts.ts';
import type { ApiContext } from './context.ts';
import { requireCovered, requireGivable } from './given-access.ts';
import { announceEnded } from './open-sockets.ts';
import { route, type Http } from './route.ts';

export function routeUsers(http: Http, context: ApiContext): void {
  route(http, context, listUsers, ({ person, database, query }) => listUserAccounts(database, person.tenantId, query));

  route(http, context, getUser, ({ person, database, params }) => getUserAccount(database, person.tenantId, params.id));

  route(
    http,
    context,
    updateUser,
    async ({ person, database, params: { id }, body, ifVersion, audit, afterCommit }) => {
      const before = await getUserAccount(database, person.tenantId, id);
      audit(noteOf(before));
      await requireCovered(person, database, id);
      if (body.grants) await requireGivable(person, database, body.grants);
      const user = await keepingAdministrators(database, person.tenantId, before, () =>
        updateUserAccount(database, person.tenantId, id, body, ifVersion),
      );
      audit({ ...noteOf(user), before: changeable(before), after: changeable(user) });
      // Who may no longer do something must not have left a way to it.
      if (body.grants || body.disabled) await deleteInvitationsBy(database, id);
      if (body.disabled) {
        await revokeLogins(database, id, { except: null });
        await deletePasswordResets(database, id);
      }
      if (body.disabled || body.grants) afterCommit(() => announceEnded(context.bus, [id]));
      return user;
    },
  );

  route(http, context, deleteUser, async ({ person, database, params: { id }, ifVersion, audit, afterCommit }) => {
    const user = await getUserAccount(database, person.tenantId, id);
    audit(noteOf(user));
    await requireCovered(person, database, id);
    await keepingAdministrators(database, person.tenantId, user, () =>
      deleteUserAccount(database, person.tenantId, id, ifVersion),
    );
    audit({ ...noteOf(user), before: changeable(user), after: {} });
    afterCommit(() => announceEnded(context.bus, [id]));
    return undefined;
  });

  route(http, context, deleteUserFactors, async ({ person, database, params: { id }, audit }) => {
    const { email } = await requireCovered(person, database, id);
    audit({ object: { type: 'user', id, name: email }, details: await deleteFactors(database, id) });
    return undefined;
  });

  route(http, context, deleteUserLogins, async ({ person, database, params: { id }, audit, afterCommit }) => {
    const { email } = await requireCovered(person, database, id);
    const ended = await revokeLogins(database, id, { except: null });
    audit({ object: { type: 'user', id, name: email }, details: { logins: ended.length } });
    afterCommit(() => announceEnded(context.bus, ended));
    return undefined;
  });
}

/** Who can put everything in order again, and who can make tenants: neither goes with the last one who can. */
const KEPT: readonly { roles: readonly string[]; name: string }[] = [
  { roles: ['administrator', 'system-administrator'], name: 'administrator' },
  { roles: ['system-administrator'], name: 'system administrator' },
];

/** Makes a change of a user, unless it takes the last administrator. Throws 'last-administrator'. */
async function keepingAdministrators<T>(
  database: Database,
  tenantId: string,
  user: UserAccount,
  make: () => Promise<T>,
): Promise<T> {
  await lockAdministrators(database, tenantId);
  const made = await make();
  for (const { roles, name } of KEPT)
    if (hasRole(user.grants, roles) && (await countUsersWithRole(database, tenantId, roles)) === 0)
      throw new LovelyError(
        'last-administrator',
        `${user.name} is the last ${name}. Give somebody else that role first.`,
      );
  return made;
}

function hasRole(grants: readonly Grant[], roles: readonly string[]): boolean {
  return grants.some(({ roleId, groupIds }) => groupIds === null && roles.includes(roleId));
}

function noteOf({ id, email }: UserAccount): { object: { type: string; id: string; name: string } } {
  return { object: { type: 'user', id, name: email } };
}

function changeable({ name, grants, disabledAt }: UserAccount): Record<string, unknown> {
  return { name, grants, isDisabled: disabledAt !== null };
}
