import { listAudit, listAuditFacets, PATHS, verifyAudit, type AuditFilter } from '@lovely/api';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { request } from '../api.ts';
import { PAGE_ROWS } from '../limits.ts';

export function auditQuery(filter: AuditFilter) {
  return infiniteQueryOptions({
    queryKey: ['audit', 'list', filter],
    queryFn: ({ pageParam, signal }) =>
      request(
        listAudit,
        { query: { ...filter, limit: PAGE_ROWS, ...(pageParam === null ? {} : { cursor: pageParam }) } },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

export const auditFacetsQuery = queryOptions({
  queryKey: ['audit', 'facets'],
  queryFn: ({ signal }) => request(listAuditFacets, {}, signal),
});

/** Asked for by a button only: it reads the whole log. */
export const auditVerificationQuery = queryOptions({
  queryKey: ['audit', 'verification'],
  queryFn: ({ signal }) => request(verifyAudit, {}, signal),
  enabled: false,
});

/** Where the log is a file, with the same filter. */
export function auditExportUrl(format: 'csv' | 'ndjson', filter: AuditFilter): string {
  const given = Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return `${PATHS.auditExport}?${new URLSearchParams([['format', format], ...given])}`;
}
