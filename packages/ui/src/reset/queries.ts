import { readPasswordReset } from '@lovely/api';
import { queryOptions } from '@tanstack/react-query';
import { request } from '../api.ts';

export function passwordResetQuery(code: string) {
  return queryOptions({
    queryKey: ['password-reset', code],
    queryFn: ({ signal }) => request(readPasswordReset, { body: { code } }, signal),
    staleTime: Infinity,
  });
}
