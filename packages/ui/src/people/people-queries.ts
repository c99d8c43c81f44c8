import { getUser, listInvitations, listUsers } from '@lovely/api';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { request } from '../api.ts';
import { PAGE_ROWS } from '../limits.ts';

export const USERS_KEY = ['users'];

export function usersQuery(search: string) {
  return infiniteQueryOptions({
    queryKey: [...USERS_KEY, 'list', search],
    queryFn: ({ pageParam, signal }) =>
      request(
        listUsers,
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

export function userQuery(id: string) {
  return queryOptions({
    queryKey: [...USERS_KEY, 'one', id],
    queryFn: ({ signal }) => request(getUser, { params: { id } }, signal),
  });
}

export const invitationsQuery = queryOptions({
  queryKey: ['invitations'],
  queryFn: ({ signal }) => request(listInvitations, {}, signal),
});
