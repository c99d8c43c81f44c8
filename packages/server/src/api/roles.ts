/** Roles, and what a person's roles come to. */
import { randomUUID } from 'node:crypto';
import {
  BUILT_IN_ROLES,
  builtInRole,
  createRole,
  deleteRole,
  getUserAccess,
  listRoles,
  PERMISSION_NAMES,
  PERMISSIONS,
  updateRole,
  type Permission,
  type Role,
} from '@lovely/api';
import { LovelyError } from '../errors.ts';
import { isDeviceIn } from '../store/devices.ts';
import { listGrants } from '../store/grants.ts';
import * as groups from '../store/groups.ts';
import * as roles from '../store/roles.ts';
import type { Database } from '../store/store.ts';
import { findUser } from '../store/users.ts';
import { requireDeviceFor } from './change.ts';
import type { ApiContext, Person } from './context.ts';
import { mayEverywhere } from './given-access.ts';
import { announceEnded } from './open-sockets.ts';
import { route, type Http } from './route.ts';

export function routeRoles(http: Http, context: ApiContext): void {
  route(http, context, listRoles, async ({ person, database }) => {
    const users = await roles.countRoleUsers(database, person.tenantId);
    const own = (await roles.listRoles(database, person.tenantId)).map((role) => ({ ...role, builtIn: false }));
    return { items: [...BUILT_IN, ...own].map((role) => ({ ...role, users: users.get(role.id) ?? 0 })) };
  });

  route(http, context, createRole, async ({ person, database, body, audit }) => {
    const role = { id: randomUUID(), ...body, permissions: inOrder(body.permissions) };
    requireHeld(person, role.permissions);
    await roles.insertRole(database, person.tenantId, role);
    audit({ object: { type: 'role', id: role.id, name: role.name }, after: written(role) });
    return await getRole(database, person.tenantId, role.id);
  });

  route(http, context, updateRole, async ({ person, database, params, body, ifVersion, audit, afterCommit }) => {
    const { tenantId } = person;
    const before = await roles.lockRole(database, tenantId, params.id, ifVersion);
    const after = {
      name: body.name ?? before.name,
      description: body.description ?? before.description,
      permissions: body.permissions ? inOrder(body.permissions) : before.permissions,
    };
    requireHeld(person, before.permissions);
    requireHeld(person, after.permissions);
    await roles.updateRole(database, tenantId, params.id, after);
    audit({
      object: { type: 'role', id: params.id, name: after.name },
      before: written(before),
      after: written(after),
    });
    if (body.permissions) {
      const users = await roles.listRoleUsers(database, tenantId, params.id);
      afterCommit(() => announceEnded(context.bus, users));
    }
    return await getRole(database, tenantId, params.id);
  });

  route(http, context, deleteRole, async ({ person, database, params, ifVersion, audit, afterCommit }) => {
    const { tenantId } = person;
    const before = await roles.lockRole(database, tenantId, params.id, ifVersion);
    requireHeld(person, before.permissions);
    const users = await roles.listRoleUsers(database, tenantId, params.id);
    await roles.deleteRole(database, tenantId, params.id);
    audit({
      object: { type: 'role', id: params.id, name: before.name },
      before: written(before),
      details: { users: users.length },
    });
    afterCommit(() => announceEnded(context.bus, users));
    return undefined;
  });

  route(http, context, getUserAccess, async ({ person, database, params, query }) => {
    const { tenantId } = person;
    const user = await findUser(database, params.id);
    if (!user) throw new LovelyError('not-found');
    const { deviceId } = query;
    if (deviceId !== undefined) await requireSeen(person, database, deviceId);
    const granted = (await listGrants(database, tenantId, [user.id])).get(user.id) ?? [];
    const own = new Map((await roles.listRoles(database, tenantId)).map((role) => [role.id, role]));
    const groupNames = new Map((await groups.listGroupNames(database, tenantId)).map(({ id, name }) => [id, name]));
    const items = [];
    for (const permission of PERMISSION_NAMES) {
      const { allows, byGroup } = PERMISSIONS[permission];
      const scope = user.access.get(permission);
      const from = granted
        .filter(({ groupIds }) => groupIds === null || (byGroup && groupIds.length > 0))
        .flatMap(({ roleId }) => builtInRole(roleId) ?? own.get(roleId) ?? [])
        .filter((role) => role.permissions.includes(permission));
      items.push({
        permission,
        allows,
        holds:
          scope === undefined
            ? ('no' as const)
            : scope.kind === 'all'
              ? ('all' as const)
              : scope.groups.map(({ id }) => ({ id, name: groupNames.get(id) ?? '' })),
        roles: from.map((role) => role.name),
        onDevice:
          deviceId === undefined || !byGroup
            ? null
            : scope !== undefined && (await isDeviceIn(database, tenantId, scope, deviceId)),
      });
    }
    return { items };
  });
}

const BUILT_IN: Omit<Role, 'users'>[] = Object.entries(BUILT_IN_ROLES).map(([id, role]) => ({
  id,
  name: role.name,
  description: role.description,
  permissions: [...role.permissions],
  builtIn: true,
  version: 1,
}));

async function getRole(database: Database, tenantId: string, id: string): Promise<Role> {
  const role = (await roles.listRoles(database, tenantId)).find((one) => one.id === id);
  if (!role) throw new LovelyError('not-found');
  const users = await roles.countRoleUsers(database, tenantId);
  return { ...role, builtIn: false, users: users.get(id) ?? 0 };
}

/** Nobody makes or changes a role that allows more than they may do themselves, everywhere: it can be granted everywhere. */
function requireHeld(person: Person, permissions: readonly Permission[]): void {
  if (permissions.includes('system.admin'))
    throw new LovelyError('bad-input', 'Organisations are made by system administrators only.', {
      pointer: '/permissions',
    });
  const missing = permissions.filter(
    (permission) =>
      // A role may hold a permission of another version of this program, which allows nothing.
      Object.hasOwn(PERMISSIONS, permission) && !mayEverywhere(person, permission),
  );
  if (missing.length > 0)
    throw new LovelyError('not-allowed', `The role allows more than you may do: ${missing.join(', ')}.`);
}

/** A device that the caller doesn't see is none. */
async function requireSeen(person: Person, database: Database, deviceId: string): Promise<void> {
  if (!person.may('fleet.read')) throw new LovelyError('not-found');
  await requireDeviceFor(person, database, 'fleet.read', deviceId);
}

function inOrder(permissions: readonly Permission[]): Permission[] {
  return PERMISSION_NAMES.filter((permission) => permissions.includes(permission));
}

/** What people write of a role. */
function written({ name, description, permissions }: Pick<roles.RoleRecord, 'name' | 'description' | 'permissions'>) {
  return { name, description, permissions };
}
