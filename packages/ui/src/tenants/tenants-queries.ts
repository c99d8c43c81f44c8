import { listTenants } from '@lovely/api';
import { infiniteQueryOptions } from '@tanstack/react-query';
import { request } from '../api.ts';
import { PAGE_ROWS } from '../limits.ts';

export const TENANTS_KEY = ['tenants'];

export function tenantsQuery(search: string) {
  return infiniteQueryOptions({
    queryKey: [...TENANTS_KEY, search],
    queryFn: ({ pageParam, signal }) =>
      request(
        listTenants,
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
  });
}
