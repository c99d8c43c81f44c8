import {
  getFix,
  getFixRollout,
  getFixRun,
  listFixes,
  listFixRollouts,
  listFixRuns,
  previewFixRollout,
  type FixRollout,
  type FixRunState,
} from '@lovely/api';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { keys, request } from '../api.ts';
import { FIX_OUTPUT_REFRESH_MS, PAGE_ROWS } from '../limits.ts';

/** All fixes, of one rule, or those for an alert in the order of what helped on its model. */
export function fixesQuery(of: { readonly rule?: string; readonly alertId?: string } = {}) {
  return queryOptions({
    queryKey: [...keys.fixes, 'list', of],
    queryFn: ({ signal }) => request(listFixes, { query: of }, signal),
  });
}

export function fixQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.fixes, 'one', id],
    queryFn: ({ signal }) => request(getFix, { params: { id } }, signal),
  });
}

export interface FixRunFilter {
  readonly alertId?: string;
  readonly deviceId?: string;
  readonly rolloutId?: string;
  readonly fixId?: string;
  readonly state?: FixRunState;
}

export function fixRunsQuery(filter: FixRunFilter) {
  return infiniteQueryOptions({
    queryKey: [...keys.fixRuns, 'list', filter],
    queryFn: ({ pageParam, signal }) =>
      request(
        listFixRuns,
        { query: { ...filter, limit: PAGE_ROWS, ...(pageParam === null ? {} : { cursor: pageParam }) } },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

/** One run with its output, asked for again and again while it prints. */
export function fixRunQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.fixRuns, 'one', id],
    queryFn: ({ signal }) => request(getFixRun, { params: { id } }, signal),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? FIX_OUTPUT_REFRESH_MS : false),
  });
}

export const fixRolloutsQuery = infiniteQueryOptions({
  queryKey: [...keys.fixRollouts, 'list'],
  queryFn: ({ pageParam, signal }) =>
    request(
      listFixRollouts,
      { query: { limit: PAGE_ROWS, ...(pageParam === null ? {} : { cursor: pageParam }) } },
      signal,
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
});

export function fixRolloutQuery(id: string) {
  return queryOptions({
    queryKey: [...keys.fixRollouts, 'one', id],
    queryFn: ({ signal }) => request(getFixRollout, { params: { id } }, signal),
  });
}

/** On how many houses a rollout would be. */
export function rolloutPreviewQuery(fixId: string, target: FixRollout['target']) {
  return queryOptions({
    queryKey: [...keys.fixRollouts, 'preview', fixId, target],
    queryFn: ({ signal }) => request(previewFixRollout, { body: { fixId, target } }, signal),
    placeholderData: keepPreviousData,
  });
}
