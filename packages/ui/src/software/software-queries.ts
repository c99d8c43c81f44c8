import { getArtifact, listReleases, listSoftwareNames, listTrustedKeys, listUploads } from '@lovely/api';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { keys, request } from '../api.ts';
import { PAGE_ROWS } from '../limits.ts';
import type { SoftwareSearch } from './software-search.ts';

export function releaseListQuery(filter: SoftwareSearch) {
  return infiniteQueryOptions({
    queryKey: [...keys.releases, 'list', filter],
    queryFn: ({ pageParam, signal }) =>
      request(
        listReleases,
        { query: { ...filter, limit: PAGE_ROWS, ...(pageParam === null ? {} : { cursor: pageParam }) } },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}

export function artifactQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.releases, 'artifact', id],
    queryFn: ({ signal }) => request(getArtifact, { params: { id } }, signal),
  });
}

export const softwareNamesQuery = queryOptions({
  queryKey: [...keys.releases, 'names'],
  queryFn: ({ signal }) => request(listSoftwareNames, {}, signal),
});

export const uploadsQuery = queryOptions({
  queryKey: ['uploads'],
  queryFn: ({ signal }) => request(listUploads, {}, signal),
});

export const trustedKeysQuery = queryOptions({
  queryKey: ['trusted-keys'],
  queryFn: ({ signal }) => request(listTrustedKeys, {}, signal),
});
