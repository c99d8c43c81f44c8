/** The permissions in the groups that people look for them in. */
import { PERMISSION_NAMES, PERMISSIONS, type Permission } from '@lovely/api';

export interface PermissionGroup {
  readonly label: string;
  readonly detail: string;
  readonly permissions: readonly Permission[];
}

export const PERMISSION_GROUPS: readonly PermissionGroup[] = [
  {
    label: 'Houses',
    detail: 'Can be limited to groups of houses.',
    permissions: PERMISSION_NAMES.filter((name) => PERMISSIONS[name].byGroup),
  },
  {
    label: 'Organisation',
    detail: 'For all of it or not at all.',
    permissions: PERMISSION_NAMES.filter((name) => !PERMISSIONS[name].byGroup),
  },
];
