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
const PROVIDES = { artifact_name: 'a', device_type: 'b' };

const menders: readonly HttpEndpoint[] = [
  device('POST', '/v1/authentication/auth_requests', { body: { id_data: '{"mac":"a"}', pubkey: 'b' } }),
  device('POST', '/v2/deployments/device/deployments/next', { body: { device_provides: PROVIDES } }),
  device('POST', '/v1/deployments/device/deployments/next', { body: PROVIDES }),
  device('GET', '/v1/deployments/device/deployments/next', { query: Object.keys(PROVIDES) }),
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

type Parts = { readonly query?: readonly string[]; readonly body?: unknown };

function device(method: string, path: string, { query = [], ...rest }: Parts = {}): HttpEndpoint {
  return { caller: path.includes('auth_requests') ? 'anyone' : 'device', method, path: DEVICES + path, query, ...rest };
}

function person(method: string, path: string, { query = [], ...rest }: Parts = {}): HttpEndpoint {
  return { caller: 'person', method, path: MANAGEMENT + path, query, ...rest };
}
