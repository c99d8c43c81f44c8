/** Who may do what: one table of permissions and one of roles, which the server obeys and the UI shows. */

interface PermissionRow {
  /** What it allows, in words for people. */
  readonly allows: string;
  /** Whether a grant can limit it to groups of devices; the others are for the whole tenant or not at all. */
  readonly byGroup: boolean;
}

export const PERMISSIONS = {
  'fleet.read': { allows: 'See houses, their status and their alerts', byGroup: true },
  'device.write': { allows: 'Name, place and tag houses', byGroup: true },
  'device.accept': { allows: 'Let gateways join, reject or decommission them', byGroup: true },
  'device.terminal': { allows: 'Open terminals, move files and reach ports of gateways', byGroup: true },
  'alert.write': { allows: 'Acknowledge, assign, snooze, comment and resolve alerts', byGroup: true },
  'fix.run': { allows: 'Run fixes on houses', byGroup: true },
  'deployment.write': { allows: 'Roll software out to houses, pause, stop and repeat it', byGroup: true },
  'configuration.write': { allows: 'Set what gateways and their sensors are configured to', byGroup: true },
  'artifact.write': { allows: 'Upload, make and delete software', byGroup: false },
  'group.write': { allows: 'Make and change groups of houses', byGroup: false },
  'rule.write': { allows: 'Make and change rules: what raises an alert', byGroup: false },
  'fix.write': { allows: 'Make and change fixes, which run on gateways as their administrator', byGroup: false },
  'notification.write': { allows: 'Say who is told of alerts, and how', byGroup: false },
  'people.read': { allows: 'See who belongs to the organisation and what they may do', byGroup: false },
  'people.write': { allows: 'Invite people, give and take roles', byGroup: false },
  'role.write': { allows: 'Make and change roles', byGroup: false },
  'audit.read': { allows: 'Read and export the audit log', byGroup: false },
  'tenant.write': {
    allows: 'Change the settings of the organisation, join codes and sign-in providers',
    byGroup: false,
  },
  'webhook.write': { allows: 'Send events to other systems', byGroup: false },
  'system.admin': { allows: 'Make and delete organisations', byGroup: false },
} as const satisfies Record<string, PermissionRow>;

export type Permission = keyof typeof PERMISSIONS;

export const PERMISSION_NAMES = Object.keys(PERMISSIONS) as [Permission, ...Permission[]];

export interface BuiltInRole {
  readonly name: string;
  readonly description: string;
  readonly permissions: readonly Permission[];
}

const OPERATOR: readonly Permission[] = [
  'fleet.read',
  'device.write',
  'device.accept',
  'alert.write',
  'fix.run',
  'configuration.write',
  'group.write',
];
const ADMINISTRATOR = PERMISSION_NAMES.filter((permission) => permission !== 'system.admin');

/** Roles that every tenant has; custom ones are rows of the tenant, with a UUID as id. */
export const BUILT_IN_ROLES = {
  viewer: {
    name: 'Viewer',
    description: 'Sees everything about houses and changes nothing.',
    permissions: ['fleet.read'],
  },
  operator: {
    name: 'Operator',
    description:
      'Runs the fleet: lets gateways join, names and places houses, looks after alerts and runs their fixes.',
    permissions: OPERATOR,
  },
  terminal: {
    name: 'Terminal',
    description: 'An operator who may also work on the gateways themselves.',
    permissions: [...OPERATOR, 'device.terminal'],
  },
  'release-manager': {
    name: 'Release manager',
    description: 'Uploads software and rolls it out.',
    permissions: ['fleet.read', 'group.write', 'artifact.write', 'deployment.write'],
  },
  administrator: {
    name: 'Administrator',
    description: 'Everything in this organisation, with its people, roles and settings.',
    permissions: ADMINISTRATOR,
  },
  'system-administrator': {
    name: 'System administrator',
    description: 'An administrator who also makes and deletes organisations.',
    permissions: PERMISSION_NAMES,
  },
} as const satisfies Record<string, BuiltInRole>;

export type BuiltInRoleId = keyof typeof BUILT_IN_ROLES;

/** A built-in role by its id; undefined for the id of a custom one. */
export function builtInRole(id: string): BuiltInRole | undefined {
  return Object.hasOwn(BUILT_IN_ROLES, id) ? BUILT_IN_ROLES[id as BuiltInRoleId] : undefined;
}
