import { builtInRole, getUserAccess, listRoles } from '@lovely/api';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { request } from '../api.ts';

export const ROLES_KEY = ['roles'];

export const rolesQuery = queryOptions({
  queryKey: ROLES_KEY,
  queryFn: ({ signal }) => request(listRoles, {}, signal),
});

export function userAccessQuery(userId: string, deviceId?: string) {
  return queryOptions({
    queryKey: ['users', 'access', userId, deviceId ?? null],
    queryFn: ({ signal }) =>
      request(getUserAccess, { params: { id: userId }, query: deviceId === undefined ? {} : { deviceId } }, signal),
    placeholderData: (before) => before,
  });
}

/** Says how a role is called. */
export function useRoleName(): (id: string) => string {
  const { data } = useQuery(rolesQuery);
  return (id) =>
    builtInRole(id)?.name ?? data?.items.find((role) => role.id === id)?.name ?? (data ? 'A deleted role' : '…');
}
