import {
  getConfigurationSchema,
  getDeviceConfiguration,
  getDeviceConfigurationForm,
  getGroupConfiguration,
  getGroupConfigurationForm,
  listConfigurations,
  listConfigurationSchemas,
  listConfigurationSchemaVersions,
  listDeviceConfigurationVersions,
  listGroupConfigurationVersions,
  type GroupConfiguration,
} from '@lovely/api';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { keys, request } from '../api.ts';
import { GROUPS_KEY } from '../groups/group-queries.ts';
import { CONFIGURATION_PROGRESS_MS, PAGE_ROWS } from '../limits.ts';
import type { ConfigurationsSearch } from '../paths.ts';

export const SCHEMAS_KEY = ['configuration-schemas'];

export function configurationQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.device(id), 'configuration'],
    queryFn: ({ signal }) => request(getDeviceConfiguration, { params: { id } }, signal),
  });
}

export function configurationFormQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.device(id), 'configuration-form'],
    queryFn: ({ signal }) => request(getDeviceConfigurationForm, { params: { id } }, signal),
  });
}

export function configurationVersionsQuery(id: string) {
  return infiniteQueryOptions({
    queryKey: [...keys.device(id), 'configuration-versions'],
    queryFn: ({ pageParam, signal }) =>
      request(listDeviceConfigurationVersions, { params: { id }, query: pageOf(pageParam) }, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => (page.hasMore ? (page.items.at(-1)?.version ?? null) : null),
  });
}

export function groupConfigurationQuery(id: string) {
  return queryOptions({
    queryKey: [...GROUPS_KEY, 'configuration', id],
    queryFn: ({ signal }) => request(getGroupConfiguration, { params: { id } }, signal),
    // No event tells how far it is; when it is over, the houses go on for a moment.
    refetchInterval: ({ state }) => (isUnderWay(state.data) ? CONFIGURATION_PROGRESS_MS : false),
  });
}

function isUnderWay(data: GroupConfiguration | undefined): boolean {
  return data !== undefined && (data.progress !== null || data.counts.waiting + data.counts.confirming > 0);
}

export function groupConfigurationFormQuery(id: string) {
  return queryOptions({
    queryKey: [...GROUPS_KEY, 'configuration-form', id],
    queryFn: ({ signal }) => request(getGroupConfigurationForm, { params: { id } }, signal),
  });
}

export function groupConfigurationVersionsQuery(id: string) {
  return infiniteQueryOptions({
    queryKey: [...GROUPS_KEY, 'configuration-versions', id],
    queryFn: ({ pageParam, signal }) =>
      request(listGroupConfigurationVersions, { params: { id }, query: pageOf(pageParam) }, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => (page.hasMore ? (page.items.at(-1)?.version ?? null) : null),
  });
}

export function configurationsQuery({ state, group }: ConfigurationsSearch) {
  return infiniteQueryOptions({
    queryKey: [...keys.configurations, state, group],
    queryFn: ({ pageParam, signal }) =>
      request(
        listConfigurations,
        {
          query: {
            limit: PAGE_ROWS,
            ...(state === undefined ? {} : { state }),
            ...(group === undefined ? {} : { groupId: group }),
            ...(pageParam === null ? {} : { cursor: pageParam }),
          },
        },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

export const schemasQuery = queryOptions({
  queryKey: [...SCHEMAS_KEY, 'all'],
  queryFn: ({ signal }) => request(listConfigurationSchemas, {}, signal),
});

export function schemaQuery(key: string) {
  return queryOptions({
    queryKey: [...SCHEMAS_KEY, 'one', key],
    queryFn: ({ signal }) => request(getConfigurationSchema, { params: { key } }, signal),
  });
}

export function schemaVersionsQuery(key: string) {
  return queryOptions({
    queryKey: [...SCHEMAS_KEY, 'versions', key],
    queryFn: ({ signal }) => request(listConfigurationSchemaVersions, { params: { key } }, signal),
  });
}

function pageOf(before: number | null) {
  return { limit: PAGE_ROWS, ...(before === null ? {} : { before }) };
}
