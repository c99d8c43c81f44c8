/** What the map page asks beside its tiles. All keys begin with `keys.map`, so the feed makes them out of date. */
import { listClusters, listDevices, listHousesInView } from '@lovely/api';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { keys, request } from '../api.ts';

/** What a list beside the map shows. */
export const HOUSES_LISTED_MAX = 100;
const HOUSES_FOUND_MAX = 6;

export function clustersQuery(box: string, level: number) {
  return queryOptions({
    queryKey: [...keys.map, 'clusters', box, level],
    queryFn: ({ signal }) => request(listClusters, { query: { box, level } }, signal),
    placeholderData: keepPreviousData,
  });
}

export function housesInViewQuery(box: string) {
  return queryOptions({
    queryKey: [...keys.map, 'houses', box],
    queryFn: ({ signal }) => request(listHousesInView, { query: { box, limit: HOUSES_LISTED_MAX } }, signal),
  });
}

/** Houses by words of their name, address, serial or tags. */
export function housesFoundQuery(search: string) {
  return queryOptions({
    queryKey: [...keys.devices, 'found', search],
    queryFn: ({ signal }) => request(listDevices, { query: { search, limit: HOUSES_FOUND_MAX } }, signal),
    enabled: search !== '',
    placeholderData: keepPreviousData,
  });
}
