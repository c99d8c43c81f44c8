import { getDeviceSoftware, listSoftwareDevices, listSoftwareVersions } from '@lovely/api';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { keys, request } from '../api.ts';
import { PAGE_ROWS } from '../limits.ts';

/** The part of the software that names all of it. */
export const RELEASE_KEY = 'artifact_name';

export interface VersionsFilter {
  readonly key?: string | undefined;
  readonly deviceType?: string | undefined;
  readonly groupId?: string | undefined;
}

/** Versions of one part of the software, with how many houses run each. */
export function versionsQuery({ key = RELEASE_KEY, ...filter }: VersionsFilter) {
  return queryOptions({
    queryKey: [...keys.software, 'versions', key, filter],
    queryFn: ({ signal }) => request(listSoftwareVersions, { query: { key, ...filter } }, signal),
    placeholderData: keepPreviousData,
  });
}

export interface SoftwareFilter extends VersionsFilter {
  readonly value?: string | undefined;
  readonly not?: string | undefined;
  readonly drifting?: true | undefined;
}

/** Houses with what runs on them. */
export function softwareDevicesQuery({ key = RELEASE_KEY, ...filter }: SoftwareFilter) {
  return infiniteQueryOptions({
    queryKey: [...keys.software, 'devices', key, filter],
    queryFn: ({ pageParam, signal }) =>
      request(
        listSoftwareDevices,
        {
          query: {
            key,
            ...filter,
            limit: PAGE_ROWS,
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

/** What runs on a house, and what should. */
export function deviceSoftwareQuery(id: string) {
  return queryOptions({
    queryKey: keys.deviceSoftware(id),
    queryFn: ({ signal }) => request(getDeviceSoftware, { params: { id } }, signal),
  });
}
