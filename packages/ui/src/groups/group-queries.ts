import { getGroup, listFilterAttributes, listGroups, previewFilter, type DeviceFilter } from '@lovely/api';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { request } from '../api.ts';

export const GROUPS_KEY = ['groups'];

export const groupsQuery = queryOptions({
  queryKey: [...GROUPS_KEY, 'all'],
  queryFn: ({ signal }) => request(listGroups, {}, signal),
});

/** The groups that a device is in. */
export function deviceGroupsQuery(deviceId: string) {
  return queryOptions({
    queryKey: [...GROUPS_KEY, 'of', deviceId],
    queryFn: ({ signal }) => request(listGroups, { query: { deviceId } }, signal),
  });
}

export function groupQuery(id: string) {
  return queryOptions({
    queryKey: [...GROUPS_KEY, 'one', id],
    queryFn: ({ signal }) => request(getGroup, { params: { id } }, signal),
  });
}

/** What filters can ask for. */
export const filterAttributesQuery = queryOptions({
  queryKey: ['filter-attributes'],
  queryFn: ({ signal }) => request(listFilterAttributes, {}, signal),
});

/** What a filter that is being written finds now. */
export function filterPreviewQuery(filter: DeviceFilter | undefined) {
  return queryOptions({
    queryKey: ['filter-preview', filter],
    queryFn: ({ signal }) => request(previewFilter, { body: { filter: filter ?? { all: [] } } }, signal),
    enabled: filter !== undefined,
    placeholderData: (before) => before,
  });
}

/** The values that some device has for an attribute, to offer them while one is typed. */
export function useFilterValues(scope: string, attribute: string): string[] {
  const { data } = useQuery(filterAttributesQuery);
  return data?.items.find((item) => item.scope === scope && item.attribute === attribute)?.values ?? [];
}
