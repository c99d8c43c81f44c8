import { readInvitation } from '@lovely/api';
import { queryOptions } from '@tanstack/react-query';
import { request } from '../api.ts';

export function invitationQuery(code: string) {
  return queryOptions({
    queryKey: ['invitation', code],
    queryFn: ({ signal }) => request(readInvitation, { body: { code } }, signal),
    staleTime: Infinity,
  });
}
