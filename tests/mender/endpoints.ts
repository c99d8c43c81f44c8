/** Every HTTP endpoint of the server, with who may call it and a body that it would understand. */
import * as api from '@lovely/api';
import type { Endpoint } from '@lovely/api';
import { bodies } from './bodies.ts';
import { createKey } from './joined-device.ts';

export interface HttpEndpoint {
  readonly caller: 'anyone' | 'person' | 'device';
  readonly method: string;
  /** With `{name}` for each part that names something. */
  readonly path: string;
  /** Names of what may stand behind the question mark. */
  readonly query: readonly string[];
  /** A good body; undefined where none is read. */
  readonly body?: unknown;
  /** Where more is allowed than usual. */
  readonly bodyBytesMax?: number | undefined;
}

const MANAGEMENT = '/api/management';
const DEVICES = '/api/devices';
const PAGE = ['page', 'per_page'];
const STRANGER = '11111111-2222-4333-8444-555555555555';
const NEW_DEPLOYMENT = { name: 'a', artifact_name: 'b', devices: [STRANGER], force_installation: true };
const PROVIDES = { artifact_name: 'a', device_type: 'b' };

const menders: readonly HttpEndpoint[] = [
  device('POST', '/v1/authentication/auth_requests', { body: { id_data: '{"mac":"a"}', pubkey: 'b' } }),
  device('POST', '/v2/deployments/device/deployments/next', { body: { device_provides: PROVIDES } }),
  device('POST', '/v1/deployments/device/deployments/next', { body: PROVIDES }),
  device('GET', '/v1/deployments/device/deployments/next', { query: Object.keys(PROVIDES) }),
  device('PUT', '/v1/deployments/device/deployments/{id}/status', { body: { status: 'installing', substate: 'a' } }),
  device('PUT', '/v1/deployments/device/deployments/{id}/log', {
    body: { messages: [{ level: 'info', message: 'a', timestamp: '2026-11-22T15:41:36Z' }] },
    bodyBytesMax: 8 * 1024 * 1024,
  }),
  device('GET', '/v2/deployments/device/deployments/{id}/update_control_map'),
  device('GET', '/v1/deviceconfig/configuration'),
  device('PUT', '/v1/deviceconfig/configuration', { body: { key: 'value' } }),
  device('PUT', '/v1/inventory/device/attributes', { body: [{ name: 'a', value: ['b', 'c'] }] }),
  device('PATCH', '/v1/inventory/device/attributes', { body: [{ name: 'a', value: 'b' }] }),
  person('POST', '/v1/useradm/auth/logout'),
  person('GET', '/v2/devauth/devices', { query: [...PAGE, 'status', 'id'] }),
  person('POST', '/v2/devauth/devices', {
    body: { identity_data: { mac: 'a', sn: ['b'] }, pubkey: createKey().publicPem },
  }),
  person('POST', '/v2/devauth/devices/search', { query: PAGE, body: { status: ['accepted'], id: ['a'] } }),
  person('GET', '/v2/devauth/devices/count', { query: ['status'] }),
  person('GET', '/v2/devauth/limits/max_devices'),
  person('GET', '/v2/devauth/devices/{id}'),
  person('DELETE', '/v2/devauth/devices/{id}'),
  person('GET', '/v2/devauth/devices/{id}/auth/{authSetId}/status'),
  person('PUT', '/v2/devauth/devices/{id}/auth/{authSetId}/status', { body: { status: 'accepted' } }),
  person('DELETE', '/v2/devauth/devices/{id}/auth/{authSetId}'),
  person('GET', '/v1/inventory/devices', { query: PAGE }),
  person('GET', '/v1/inventory/devices/{id}'),
  person('GET', '/v1/deviceconnect/devices/{id}'),
  person('GET', '/v1/deviceconnect/devices/{id}/download', { query: ['path'] }),
  person('PUT', '/v1/deviceconnect/devices/{id}/upload'),
  person('GET', '/v1/deployments/artifacts', { query: ['name', 'description', 'device_type', 'sort'] }),
  person('GET', '/v1/deployments/artifacts/list', { query: [...PAGE, 'name', 'description', 'device_type', 'sort'] }),
  person('POST', '/v1/deployments/artifacts'),
  person('POST', '/v1/deployments/artifacts/generate'),
  person('GET', '/v1/deployments/artifacts/{id}'),
  person('GET', '/v1/deployments/artifacts/{id}/download'),
  person('PUT', '/v1/deployments/artifacts/{id}', { body: { description: 'a' } }),
  person('DELETE', '/v1/deployments/artifacts/{id}'),
  person('GET', '/v1/deployments/limits/storage'),
  person('GET', '/v2/deployments/deployments/releases', { query: [...PAGE, 'name', 'tag', 'update_type', 'sort'] }),
  person('PATCH', '/v2/deployments/deployments/releases/{id}', { body: { notes: 'a' } }),
  person('PUT', '/v2/deployments/deployments/releases/{id}/tags', { body: ['a'] }),
  person('DELETE', '/v2/deployments/deployments/releases', { query: ['name'] }),
  person('POST', '/v1/deployments/deployments', { body: NEW_DEPLOYMENT, bodyBytesMax: 2 * 1024 * 1024 }),
  person('POST', '/v1/deployments/deployments/group/{id}', { body: NEW_DEPLOYMENT, bodyBytesMax: 2 * 1024 * 1024 }),
  person('GET', '/v1/deployments/deployments', {
    query: [...PAGE, 'status', 'type', 'search', 'name', 'id', 'created_after', 'created_before', 'sort'],
  }),
  person('GET', '/v1/deployments/deployments/{id}'),
  person('PUT', '/v1/deployments/deployments/{id}/status', { body: { status: 'aborted' } }),
  person('PATCH', '/v2/deployments/deployments/{id}', {
    body: { update_control_map: { priority: 0, states: { ArtifactInstall_Enter: { action: 'pause' } } } },
  }),
  person('GET', '/v1/deployments/deployments/{id}/statistics'),
  person('POST', '/v1/deployments/deployments/statistics/list', { body: { deployment_ids: [STRANGER] } }),
  person('GET', '/v1/deployments/deployments/{id}/devices/list', { query: [...PAGE, 'status'] }),
  person('GET', '/v1/deployments/deployments/{id}/device_list'),
  person('GET', '/v1/deployments/deployments/{id}/devices/{id}/log'),
  person('GET', '/v1/deployments/deployments/devices/{id}', { query: [...PAGE, 'status'] }),
  person('DELETE', '/v1/deployments/deployments/devices/{id}'),
  person('GET', '/v1/deviceconfig/configurations/device/{id}'),
  person('PUT', '/v1/deviceconfig/configurations/device/{id}', { body: { key: 'value' } }),
  person('POST', '/v1/deviceconfig/configurations/device/{id}/deploy', { body: { retries: 1 } }),
];

export function listEndpoints(): HttpEndpoint[] {
  const contracts = Object.values<unknown>(api).filter(isEndpoint).map(fromContract);
  const tiles = [api.PATHS.fleetTiles, api.PATHS.basemapTiles].map((path) => ({
    caller: 'person' as const,
    method: 'GET',
    path,
    query: [],
  }));
  return [...contracts, ...tiles, ...menders];
}

function isEndpoint(value: unknown): value is Endpoint {
  return typeof value === 'object' && value !== null && 'method' in value && 'access' in value;
}

/** @throws for a contract with a body that `bodies` does not know, so that a new one is not forgotten */
function fromContract({ method, path, access, query, body, bodyBytesMax }: Endpoint): HttpEndpoint {
  const caller = access === 'anyone' ? 'anyone' : 'person';
  const shape = (query as { shape?: object }).shape ?? {};
  const name = `${method} ${path}`;
  if (body.type === 'undefined') return { caller, method, path, query: Object.keys(shape) };
  if (!(name in bodies)) throw new Error(`there is no good body for ${name}`);
  return { caller, method, path, query: Object.keys(shape), body: bodies[name], bodyBytesMax };
}

type Parts = { readonly query?: readonly string[]; readonly body?: unknown; readonly bodyBytesMax?: number };

function device(method: string, path: string, { query = [], ...rest }: Parts = {}): HttpEndpoint {
  return { caller: path.includes('auth_requests') ? 'anyone' : 'device', method, path: DEVICES + path, query, ...rest };
}

function person(method: string, path: string, { query = [], ...rest }: Parts = {}): HttpEndpoint {
  return { caller: 'person', method, path: MANAGEMENT + path, query, ...rest };
}
