/** What filters, groups and roles mean, said once more in plain TypeScript: what the SQL is held against. */
import {
  BUILT_IN_ROLES,
  PERMISSIONS,
  type DeviceCondition,
  type DeviceFilter,
  type Grant,
  type Permission,
} from '@lovely/api';

export interface PlainDevice {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly status: string;
  readonly health: string;
  readonly tags: readonly string[];
  readonly identity: Readonly<Record<string, string | readonly string[]>>;
  readonly inventory: Readonly<Record<string, string | readonly string[]>>;
  readonly createdAt: Date;
}

export interface PlainGroup {
  readonly id: string;
  readonly filter: DeviceFilter | null;
  readonly members: readonly string[];
}

export interface PlainRole {
  readonly id: string;
  readonly permissions: readonly Permission[];
}

/** The devices for which these grants give a permission. */
export function allowed(
  permission: Permission,
  grants: readonly Grant[],
  world: {
    readonly devices: readonly PlainDevice[];
    readonly groups: readonly PlainGroup[];
    readonly roles: readonly PlainRole[];
  },
): PlainDevice[] {
  const builtIn: Readonly<Record<string, { permissions: readonly Permission[] }>> = BUILT_IN_ROLES;
  return world.devices.filter((device) =>
    grants.some(({ roleId, groupIds }) => {
      const role = builtIn[roleId] ?? world.roles.find(({ id }) => id === roleId);
      if (!role?.permissions.includes(permission)) return false;
      if (groupIds === null) return true;
      return (
        PERMISSIONS[permission].byGroup &&
        world.groups.some((group) => groupIds.includes(group.id) && isMember(group, device))
      );
    }),
  );
}

export function isMember({ filter, members }: PlainGroup, device: PlainDevice): boolean {
  return filter === null ? members.includes(device.id) : passes(filter, device);
}

export function passes({ all }: DeviceFilter, device: PlainDevice): boolean {
  return all.every((condition) => holds(condition, textsOf(condition, device)));
}

/** The texts of an attribute; undefined when the device doesn't have it. */
function textsOf({ scope, attribute }: DeviceCondition, device: PlainDevice): readonly string[] | undefined {
  if (scope === 'tags') {
    const tag = device.tags.find((one) => one === attribute || one.startsWith(`${attribute}=`));
    return tag === undefined ? undefined : [tag === attribute ? tag : tag.slice(attribute.length + 1)];
  }
  const values: Readonly<Record<string, string | readonly string[]>> = {
    identity: { ...device.identity, status: device.status },
    inventory: device.inventory,
    system: {
      name: device.name,
      address: device.address,
      health: device.health,
      created_ts: device.createdAt.toISOString(),
    },
  }[scope];
  const value = Object.hasOwn(values, attribute) ? values[attribute]! : undefined;
  return typeof value === 'string' ? [value] : value;
}

function holds({ type, value }: DeviceCondition, texts: readonly string[] | undefined): boolean {
  const any = (passes: (text: string) => boolean): boolean => texts?.some(passes) ?? false;
  const wanted = Array.isArray(value) ? value : [String(value)];
  const order = (text: string): number => compare(text, wanted[0]!);
  switch (type) {
    case '$exists':
      return (texts !== undefined) === value;
    case '$eq':
    case '$in':
      return any((text) => wanted.includes(text));
    case '$ne':
    case '$nin':
      return !any((text) => wanted.includes(text));
    case '$regex':
      return any((text) => new RegExp(wanted[0]!, 'su').test(text));
    case '$gt':
      return any((text) => order(text) > 0);
    case '$gte':
      return any((text) => order(text) >= 0);
    case '$lt':
      return any((text) => order(text) < 0);
    case '$lte':
      return any((text) => order(text) <= 0);
  }
}

/** As numbers where the bound is one; then a text that is none is neither before nor after it (NaN). */
function compare(text: string, bound: string): number {
  const [a, b] = [scaled(text), scaled(bound)];
  if (b === undefined) return Buffer.compare(Buffer.from(text), Buffer.from(bound));
  if (a === undefined) return NaN;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A decimal number times 10^30, exactly. */
function scaled(text: string): bigint | undefined {
  const [, sign, whole, rest = ''] = /^(-?)([0-9]{1,30})(?:[.]([0-9]{1,30}))?$/.exec(text) ?? [];
  return whole === undefined ? undefined : BigInt(sign + whole + rest.padEnd(30, '0'));
}
