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
const ARTIFACTS = `${V1}/deployments/artifacts`;
const DEPLOYMENTS = `${V1}/deployments/deployments`;
const RELEASES = `${V2}/deployments/deployments/releases`;
const CONFIGURATIONS = `${V1}/deviceconfig/configurations`;
const DEVICES = '/api/devices';

const newDeployment = () => ({ name: 'some', artifact_name: 'nothing', all_devices: true });

/** `:id` is a device's, `:aid` one of its keys. */
export const MENDER_RULES: Readonly<Record<string, Rule>> = {
  'GET /api/v1/audit/export': { access: 'audit.read', query: '?format=csv' },
  'GET /api/v1/metrics/prometheus': { access: 'fleet.read' },
  'PATCH /api/v1/uploads/:id': { access: 'artifact.write', mayLack: true },
  'GET /api/v1/artifacts/:id/download': { access: 'fleet.read', mayLack: true },
  [`GET ${DEVICES}/v1/artifacts/:id/download`]: { access: 'anyone' },
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
  [`PUT ${DEVICES}/v1/deployments/device/deployments/:deployment/status`]: {
    access: 'device',
    body: () => ({ status: 'installing' }),
    mayLack: true,
  },
  [`PUT ${DEVICES}/v1/deployments/device/deployments/:deployment/log`]: {
    access: 'device',
    body: () => ({ messages: [] }),
    mayLack: true,
  },
  [`GET ${DEVICES}/v2/deployments/device/deployments/:deployment/update_control_map`]: {
    access: 'device',
    mayLack: true,
  },
  [`GET ${DEVICES}/v1/deviceconfig/configuration`]: { access: 'device' },
  [`PUT ${DEVICES}/v1/deviceconfig/configuration`]: { access: 'device', body: () => ({ key: 'value' }) },
  // By a signed link.
  [`GET ${DEVICES}/v1/configurations/:artifact/download`]: { access: 'anyone' },

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

  // Their ids are of no artifact, release or deployment: what names one of another tenant is attacked at our own paths.
  [`GET ${ARTIFACTS}`]: { access: 'fleet.read' },
  [`GET ${ARTIFACTS}/list`]: { access: 'fleet.read' },
  [`POST ${ARTIFACTS}`]: { access: 'artifact.write' },
  [`POST ${ARTIFACTS}/generate`]: { access: 'artifact.write' },
  [`GET ${ARTIFACTS}/:id`]: { access: 'fleet.read', mayLack: true },
  [`GET ${ARTIFACTS}/:id/download`]: { access: 'fleet.read', mayLack: true },
  [`PUT ${ARTIFACTS}/:id`]: { access: 'artifact.write', body: () => ({ description: 'some' }), mayLack: true },
  [`DELETE ${ARTIFACTS}/:id`]: { access: 'artifact.write', mayLack: true },
  [`GET ${V1}/deployments/limits/storage`]: { access: 'fleet.read' },
  [`GET ${DEPLOYMENTS}/releases`]: { access: 'fleet.read' },
  [`GET ${DEPLOYMENTS}/releases/list`]: { access: 'fleet.read' },
  [`GET ${RELEASES}`]: { access: 'fleet.read' },
  [`GET ${RELEASES}/all/tags`]: { access: 'fleet.read' },
  [`GET ${RELEASES}/all/types`]: { access: 'fleet.read' },
  [`GET ${RELEASES}/:release`]: { access: 'fleet.read', mayLack: true },
  [`PATCH ${RELEASES}/:release`]: { access: 'artifact.write', body: () => ({ notes: 'some' }), mayLack: true },
  [`PUT ${RELEASES}/:release/tags`]: { access: 'artifact.write', body: () => ['some'], mayLack: true },
  [`DELETE ${RELEASES}`]: { access: 'artifact.write', query: '?name=nothing', mayLack: true },
  ...Object.fromEntries(
    [DEPLOYMENTS, `${V2}/deployments/deployments`].flatMap((prefix): [string, Rule][] => [
      [`POST ${prefix}`, { access: 'deployment.write', body: newDeployment, mayLack: true }],
      [`GET ${prefix}`, { access: 'fleet.read' }],
      [`GET ${prefix}/:deployment`, { access: 'fleet.read', mayLack: true }],
    ]),
  ),
  [`POST ${DEPLOYMENTS}/group/:name`]: { access: 'deployment.write', body: newDeployment, mayLack: true },
  [`PUT ${DEPLOYMENTS}/:deployment/status`]: {
    access: 'deployment.write',
    body: () => ({ status: 'aborted' }),
    mayLack: true,
  },
  [`PATCH ${V2}/deployments/deployments/:deployment`]: {
    access: 'deployment.write',
    body: () => ({ update_control_map: { states: {} } }),
    mayLack: true,
  },
  [`GET ${DEPLOYMENTS}/:deployment/statistics`]: { access: 'fleet.read', mayLack: true },
  [`POST ${DEPLOYMENTS}/statistics/list`]: {
    access: 'fleet.read',
    body: () => ({ deployment_ids: [crypto.randomUUID()] }),
  },
  [`GET ${DEPLOYMENTS}/:deployment/devices`]: { access: 'fleet.read', mayLack: true },
  [`GET ${DEPLOYMENTS}/:deployment/devices/list`]: { access: 'fleet.read', mayLack: true },
  [`GET ${DEPLOYMENTS}/:deployment/device_list`]: { access: 'fleet.read', mayLack: true },
  [`GET ${DEPLOYMENTS}/:deployment/devices/:id/log`]: { access: 'fleet.read', mayLack: true },
  [`GET ${DEPLOYMENTS}/devices/:id`]: { access: 'fleet.read' },
  [`DELETE ${DEPLOYMENTS}/devices/:id`]: { access: 'deployment.write' },

  [`GET ${CONFIGURATIONS}/device/:id`]: { access: 'fleet.read', mayLack: true },
  [`PUT ${CONFIGURATIONS}/device/:id`]: {
    access: 'configuration.write',
    body: () => ({ key: 'value' }),
    mayLack: true,
  },
  [`POST ${CONFIGURATIONS}/device/:id/deploy`]: { access: 'configuration.write', body: () => ({}), mayLack: true },

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
