import {
  countDeployments,
  getDeployment,
  getDeploymentDevice,
  getDeploymentLog,
  listDeploymentDevices,
  listDeploymentFailures,
  listDeployments,
  listDeviceDeployments,
  listReleases,
  previewDeployment,
  type DeploymentDeviceState,
  type DeploymentOptions,
  type DeploymentTarget,
} from '@lovely/api';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { keys, request } from '../api.ts';
import { PAGE_ROWS } from '../limits.ts';

export interface DeploymentFilter {
  readonly when?: 'active' | 'over' | undefined;
  readonly kind?: 'software' | 'configuration' | undefined;
  readonly search?: string | undefined;
  readonly artifactName?: string | undefined;
}

export function deploymentsQuery(filter: DeploymentFilter) {
  return infiniteQueryOptions({
    queryKey: [...keys.deploymentLists, filter],
    queryFn: ({ pageParam, signal }) =>
      request(
        listDeployments,
        { query: { ...filter, limit: PAGE_ROWS, ...(pageParam === null ? {} : { cursor: pageParam }) } },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}

/** How many deployments there are in each state. */
export const deploymentCountsQuery = queryOptions({
  queryKey: [...keys.deploymentLists, 'counts'],
  queryFn: ({ signal }) => request(countDeployments, {}, signal),
});

export function deploymentQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.deployment(id), 'detail'],
    queryFn: ({ signal }) => request(getDeployment, { params: { id } }, signal),
  });
}

export interface DeploymentDevicesFilter {
  readonly state?: DeploymentDeviceState | undefined;
  readonly when?: 'active' | 'paused' | 'final' | undefined;
  readonly failure?: string | undefined;
  readonly search?: string | undefined;
}

export function deploymentDevicesQuery(id: string, filter: DeploymentDevicesFilter) {
  return infiniteQueryOptions({
    queryKey: [...keys.deployment(id), 'devices', filter],
    queryFn: ({ pageParam, signal }) =>
      request(
        listDeploymentDevices,
        {
          params: { id },
          query: { ...filter, limit: PAGE_ROWS, ...(pageParam === null ? {} : { cursor: pageParam }) },
        },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}

export function deploymentFailuresQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.deployment(id), 'failures'],
    queryFn: ({ signal }) => request(listDeploymentFailures, { params: { id } }, signal),
  });
}

/** One house of a deployment, with its timeline. */
export function deploymentDeviceQuery(id: string, deviceId: string) {
  return queryOptions({
    queryKey: [...keys.deployment(id), 'device', deviceId],
    queryFn: ({ signal }) => request(getDeploymentDevice, { params: { id, deviceId } }, signal),
  });
}

export function deploymentLogQuery(id: string, deviceId: string) {
  return queryOptions({
    queryKey: [...keys.deployment(id), 'device', deviceId, 'log'],
    queryFn: ({ signal }) => request(getDeploymentLog, { params: { id, deviceId } }, signal),
  });
}

/** What was rolled out to a house, newest first. */
export function deviceDeploymentsQuery(deviceId: string) {
  return infiniteQueryOptions({
    queryKey: [...keys.deploymentLists, 'of', deviceId],
    queryFn: ({ pageParam, signal }) =>
      request(
        listDeviceDeployments,
        {
          params: { id: deviceId },
          query: { limit: PAGE_ROWS, ...(pageParam === null ? {} : { cursor: pageParam }) },
        },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

export interface DeploymentWish {
  readonly artifactName: string;
  readonly target: DeploymentTarget;
  readonly options: DeploymentOptions;
}

/** A dry run; undefined while the wish is not complete. */
export function deploymentPreviewQuery(wish: DeploymentWish | undefined) {
  return queryOptions({
    queryKey: [...keys.deployments, 'preview', wish],
    queryFn: ({ signal }) => request(previewDeployment, { body: wish! }, signal),
    enabled: wish !== undefined,
    placeholderData: keepPreviousData,
  });
}

/** Releases to choose from, the newest first. */
export function releasesQuery(search: string) {
  return infiniteQueryOptions({
    queryKey: [...keys.releases, 'choices', search],
    queryFn: ({ pageParam, signal }) =>
      request(
        listReleases,
        {
          query: {
            limit: PAGE_ROWS,
            ...(search === '' ? {} : { search }),
            ...(pageParam === null ? {} : { cursor: pageParam }),
          },
        },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}
