import { getAlert, getIncident, listAlertFacets, listAssignees, listIncidents, type AlertState } from '@lovely/api';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { keys, request } from '../api.ts';
import { PAGE_ROWS } from '../limits.ts';

/** How many alerts are in which state, and what occurs among those of one. */
export function alertFacetsQuery(state: AlertState | 'active') {
  return queryOptions({
    queryKey: [...keys.alerts, 'facets', state],
    queryFn: ({ signal }) => request(listAlertFacets, { query: { state } }, signal),
  });
}

export function alertQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.alerts, 'one', id],
    queryFn: ({ signal }) => request(getAlert, { params: { id } }, signal),
  });
}

/** Who can look after an alert. */
export function assigneesQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.alerts, 'assignees', id],
    queryFn: ({ signal }) => request(listAssignees, { params: { id } }, signal),
  });
}

export function incidentsQuery(state: AlertState | 'active') {
  return infiniteQueryOptions({
    queryKey: [...keys.incidents, 'list', state],
    queryFn: ({ pageParam, signal }) =>
      request(
        listIncidents,
        { query: { state, limit: PAGE_ROWS, ...(pageParam === null ? {} : { cursor: pageParam }) } },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

export function incidentQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.incidents, 'one', id],
    queryFn: ({ signal }) => request(getIncident, { params: { id } }, signal),
  });
}
