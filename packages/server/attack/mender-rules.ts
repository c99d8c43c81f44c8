/** Who may call what has no contract of ours: Mender's paths, tiles and files. */
import type { Permission } from '@lovely/api';
import { publicKey } from './sides.ts';

export interface Rule {
  /** `device`: a device's token; `anyone`: guarded by what it asks for itself, as a password or a signature. */
  readonly access: Permission | 'person' | 'device' | 'anyone';
  readonly body?: () => unknown;
  readonly query?: string;
  /** May find nothing even where it is allowed: no tile there, no group of that name, no tag. */
  readonly mayLack?: boolean;
  /** Is nothing for those who have no permission at all. */
  readonly needsSome?: boolean;
}

const V1 = '/api/management/v1';
const V2 = '/api/management/v2';
const DEVAUTH = `${V2}/devauth`;
const DEVICES = '/api/devices';

/** `:id` is a device's, `:aid` one of its keys. */
export const MENDER_RULES: Readonly<Record<string, Rule>> = {
  'GET /api/v1/audit/export': { access: 'audit.read', query: '?format=csv' },
  'GET /api/v1/metrics/prometheus': { access: 'fleet.read' },
  'GET /api/openapi.json': { access: 'anyone' },
  'GET /api/docs': { access: 'anyone' },
  'GET /api/v1/login/oidc/:id': { access: 'anyone' },
  'GET /api/v1/login/oidc-callback/:id': { access: 'anyone' },
  'GET /api/v1/map/fleet/:z/:x/:y': { access: 'fleet.read', mayLack: true },
  'GET /api/v1/map/basemap/:z/:x/:y': { access: 'fleet.read', mayLack: true },

  [`POST ${DEVICES}/v1/authentication/auth_requests`]: { access: 'anyone' },
  [`PUT ${DEVICES}/v1/inventory/device/attributes`]: { access: 'device', body: () => [] },
  [`PATCH ${DEVICES}/v1/inventory/device/attributes`]: { access: 'device', body: () => [] },
  [`POST ${DEVICES}/v2/deployments/device/deployments/next`]: { access: 'device', body: () => ({}) },
  [`POST ${DEVICES}/v1/deployments/device/deployments/next`]: { access: 'device', body: () => ({}) },
  [`GET ${DEVICES}/v1/deployments/device/deployments/next`]: { access: 'device' },

  [`POST ${V1}/useradm/auth/login`]: { access: 'anyone' },
  [`POST ${V1}/useradm/auth/logout`]: { access: 'person' },
  [`GET ${V1}/useradm/users/me`]: { access: 'person' },
  [`GET ${V1}/useradm/settings/tokens`]: { access: 'person' },
  [`POST ${V1}/useradm/settings/tokens`]: {
    access: 'person',
    body: () => ({ name: crypto.randomUUID() }),
    needsSome: true,
  },
  [`DELETE ${V1}/useradm/settings/tokens/:id`]: { access: 'person', mayLack: true },
  [`GET ${V1}/auditlogs/logs`]: { access: 'audit.read' },
  [`GET ${V1}/inventory/devices`]: { access: 'fleet.read' },
  [`GET ${V1}/inventory/devices/:id`]: { access: 'fleet.read' },
  [`DELETE ${V1}/inventory/devices/:id`]: { access: 'device.write' },
  [`PUT ${V1}/inventory/devices/:id/tags`]: { access: 'device.write', body: () => [] },
  [`PATCH ${V1}/inventory/devices/:id/tags`]: { access: 'device.write', body: () => [] },
  [`GET ${V1}/inventory/devices/:id/group`]: { access: 'fleet.read' },
  [`PUT ${V1}/inventory/devices/:id/group`]: { access: 'group.write', body: () => ({ group: 'some' }) },
  [`DELETE ${V1}/inventory/devices/:id/group/:name`]: { access: 'group.write', mayLack: true },
  [`GET ${V1}/inventory/groups`]: { access: 'fleet.read' },
  [`GET ${V1}/inventory/groups/:name/devices`]: { access: 'fleet.read', mayLack: true },
  [`PATCH ${V1}/inventory/groups/:name/devices`]: { access: 'group.write', body: () => [] },
  [`DELETE ${V1}/inventory/groups/:name/devices`]: { access: 'group.write', body: () => [], mayLack: true },
  [`DELETE ${V1}/inventory/groups/:name`]: { access: 'group.write', mayLack: true },
  [`POST ${V2}/inventory/filters/search`]: { access: 'fleet.read', body: () => ({}) },
  [`GET ${V2}/inventory/filters/attributes`]: { access: 'fleet.read' },

  [`GET ${V1}/deviceconnect/devices/:id`]: { access: 'fleet.read' },
  // Nobody answers for devices that are not connected.
  [`GET ${V1}/deviceconnect/devices/:id/download`]: {
    access: 'device.terminal',
    query: '?path=/etc/hostname',
    mayLack: true,
  },
  [`PUT ${V1}/deviceconnect/devices/:id/upload`]: { access: 'device.terminal' },

  [`GET ${DEVAUTH}/devices`]: { access: 'fleet.read' },
  [`POST ${DEVAUTH}/devices/search`]: { access: 'fleet.read', body: () => ({}) },
  [`GET ${DEVAUTH}/devices/count`]: { access: 'fleet.read' },
  [`GET ${DEVAUTH}/limits/max_devices`]: { access: 'fleet.read' },
  [`POST ${DEVAUTH}/devices`]: {
    access: 'device.accept',
    body: () => ({ identity_data: { sn: crypto.randomUUID() }, pubkey: publicKey() }),
  },
  [`GET ${DEVAUTH}/devices/:id`]: { access: 'fleet.read' },
  [`DELETE ${DEVAUTH}/devices/:id`]: { access: 'device.accept' },
  [`GET ${DEVAUTH}/devices/:id/auth/:aid/status`]: { access: 'fleet.read' },
  [`PUT ${DEVAUTH}/devices/:id/auth/:aid/status`]: { access: 'device.accept', body: () => ({ status: 'rejected' }) },
  [`DELETE ${DEVAUTH}/devices/:id/auth/:aid`]: { access: 'device.accept' },
};
