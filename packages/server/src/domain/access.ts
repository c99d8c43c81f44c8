/** What the roles of a person come to: each permission with the devices it is for. */
import { builtInRole, PERMISSIONS, type Permission, type User } from '@lovely/api';
import { ALL_DEVICES, type DeviceGroup, type DeviceScope } from './device-scope.ts';

/** A role given to a person. */
export interface GrantedRole {
  readonly roleId: string;
  /** Null for all devices. */
  readonly groupIds: readonly string[] | null;
  /** Of a custom role; null for a built-in one. */
  readonly permissions: readonly Permission[] | null;
}

export type Access = ReadonlyMap<Permission, DeviceScope>;

/**
 * Adds up the grants. One that is limited to groups gives only permissions that can be limited so: an administrator of a
 * group of houses doesn't administer the people of the tenant.
 */
export function accessOf(grants: readonly GrantedRole[], groups: readonly DeviceGroup[]): Access {
  const access = new Map<Permission, DeviceScope>();
  for (const { roleId, groupIds, permissions } of grants)
    for (const permission of builtInRole(roleId)?.permissions ?? permissions ?? []) {
      // A role may hold a permission of another version of this program.
      if (!Object.hasOwn(PERMISSIONS, permission)) continue;
      if (groupIds === null) access.set(permission, ALL_DEVICES);
      else if (PERMISSIONS[permission].byGroup)
        access.set(
          permission,
          union(
            access.get(permission),
            groups.filter((group) => groupIds.includes(group.id)),
          ),
        );
    }
  return access;
}

/** What is left of it with these permissions alone. */
export function limitAccess(access: Access, permissions: readonly Permission[]): Access {
  return new Map([...access].filter(([permission]) => permissions.includes(permission)));
}

/** Access as the API shows it. */
export function describeAccess(access: Access): User['permissions'] {
  return Object.fromEntries(
    [...access].map(([permission, scope]) => [
      permission,
      scope.kind === 'all' ? 'all' : scope.groups.map((group) => group.id),
    ]),
  );
}

/** Whether everything in `asked` is in `held` too: nobody gives away more than they have. */
export function covers(held: Access, asked: Access): boolean {
  return [...asked].every(([permission, scope]) => {
    const own = held.get(permission);
    if (!own || own.kind === 'all' || scope.kind === 'all') return own?.kind === 'all';
    return scope.groups.every((group) => own.groups.some(({ id }) => id === group.id));
  });
}

function union(known: DeviceScope | undefined, groups: readonly DeviceGroup[]): DeviceScope {
  if (known?.kind === 'all') return known;
  const more = groups.filter((group) => !known?.groups.some(({ id }) => id === group.id));
  return { kind: 'some', groups: [...(known?.groups ?? []), ...more] };
}
