/** The HTTP API as pages use it: one typed request, and the query options of every noun that is shown. */
import {
  ApiError,
  call,
  getDevice,
  getDeviceStatus,
  getFleet,
  getMe,
  getSetup,
  getSystem,
  listAlerts,
  listDevices,
  searchTowns,
  type AlertState,
  type CallInput,
  type Endpoint,
  type Result,
} from '@lovely/api';
import type { FleetSummary } from '@lovely/protocol';
import { infiniteQueryOptions, QueryCache, QueryClient, queryOptions, skipToken } from '@tanstack/react-query';
import { PAGE_ROWS } from './limits.ts';
import type { DeviceFilter } from './paths.ts';

const RETRIES_MAX = 2;
const SIGNED_OUT_CODES: ReadonlySet<string> = new Set(['not-signed-in', 'bad-token']);

/** Calls an endpoint of this origin; the session is an HttpOnly cookie. Throws ApiError for an error answer. */
export function request<E extends Endpoint>(to: E, input?: CallInput<E>, signal?: AbortSignal): Promise<Result<E>> {
  return call((url, init) => fetch(url, signal ? { ...init, signal } : init), '', to, input);
}

/** A change that is refused with 'changed-meanwhile' where somebody was faster: it was made from this version. */
export function requestVersion<E extends Endpoint>(to: E, input: CallInput<E>, version: number): Promise<Result<E>> {
  return call((url, init) => fetch(url, init), '', to, input, { 'if-match': `"${version}"` });
}

/** Whether nobody is signed in, or not any more; a wrong password has a code of its own. */
export function isUnauthorized(error: unknown): boolean {
  return error instanceof ApiError && SIGNED_OUT_CODES.has(error.problem.code);
}

/** Makes the cache of all answers. `onUnauthorized` is called when the session has ended. */
export function createQueryClient(onUnauthorized: () => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: (error) => isUnauthorized(error) && onUnauthorized() }),
    defaultOptions: {
      queries: {
        // A server on this very machine answers without any network.
        networkMode: 'always',
        staleTime: 15_000,
        retry: (failures, error) =>
          !(error instanceof ApiError && error.problem.status < 500) && failures < RETRIES_MAX,
      },
      mutations: { networkMode: 'always', onError: (error) => isUnauthorized(error) && onUnauthorized() },
    },
  });
}

/** Keys by noun; invalidating a prefix asks again for everything below it. */
export const keys = {
  me: ['me'],
  summary: ['summary'],
  fleet: ['fleet'],
  devices: ['devices'],
  device: (id: string) => ['device', id],
  deviceStatus: (id: string) => ['device', id, 'status'],
  deviceSoftware: (id: string) => ['device', id, 'software'],
  deviceSensors: (id: string) => ['device', id, 'sensors'],
  alerts: ['alerts'],
  incidents: ['incidents'],
  configurations: ['configurations'],
  fixes: ['fixes'],
  fixRuns: ['fix-runs'],
  fixRollouts: ['fix-rollouts'],
  /** All of deployments; lists of them, and one by one. */
  deployments: ['deployments'],
  deploymentLists: ['deployments', 'lists'],
  deployment: (id: string) => ['deployments', 'one', id],
  releases: ['releases'],
  /** What runs where. */
  software: ['software'],
  /** For what the map page asks beside its tiles. */
  map: ['map'],
} as const;

export const setupQuery = queryOptions({
  queryKey: ['setup'],
  queryFn: ({ signal }) => request(getSetup, {}, signal),
});

export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: ({ signal }) => request(getMe, {}, signal),
  staleTime: 5 * 60_000,
});

/** Where gateways reach this system, and its version. */
export const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: ({ signal }) => request(getSystem, {}, signal),
  staleTime: Infinity,
});

export const fleetQuery = queryOptions({
  queryKey: keys.fleet,
  queryFn: ({ signal }) => request(getFleet, {}, signal),
});

/** The counts that the live channel pushes; undefined until the first has come. */
export const summaryQuery = queryOptions<FleetSummary>({
  queryKey: keys.summary,
  queryFn: skipToken,
  staleTime: Infinity,
});

export function devicesQuery(filter: DeviceFilter) {
  return infiniteQueryOptions({
    queryKey: [...keys.devices, filter],
    queryFn: ({ pageParam, signal }) =>
      request(
        listDevices,
        { query: { ...filter, limit: PAGE_ROWS, ...(pageParam === null ? {} : { cursor: pageParam }) } },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

export function deviceQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.device(id), 'detail'],
    queryFn: ({ signal }) => request(getDevice, { params: { id } }, signal),
  });
}

export function deviceStatusQuery(id: string) {
  return queryOptions({
    queryKey: keys.deviceStatus(id),
    queryFn: ({ signal }) => request(getDeviceStatus, { params: { id } }, signal),
  });
}

export interface AlertFilter {
  /** `active` is all that aren't closed. */
  readonly state?: AlertState | 'active' | undefined;
  readonly deviceId?: string | undefined;
  readonly rule?: string | undefined;
  readonly incidentId?: string | undefined;
  readonly assignee?: 'me' | undefined;
}

export function alertsQuery(filter: AlertFilter) {
  return infiniteQueryOptions({
    queryKey: [...keys.alerts, filter],
    queryFn: ({ pageParam, signal }) =>
      request(
        listAlerts,
        { query: { ...filter, limit: PAGE_ROWS, ...(pageParam === null ? {} : { cursor: pageParam }) } },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

export function townsQuery(search: string) {
  return queryOptions({
    queryKey: ['towns', search],
    queryFn: ({ signal }) => request(searchTowns, { query: { search } }, signal),
    enabled: search !== '',
    staleTime: Infinity,
  });
}
