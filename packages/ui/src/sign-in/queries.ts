import { findLoginProviders } from '@lovely/api';
import { queryOptions } from '@tanstack/react-query';
import { request } from '../api.ts';

/** The ways in through other systems: the public ones, and those for the domain of an e-mail address. */
export function providersQuery(email: string) {
  return queryOptions({
    queryKey: ['login-providers', email],
    queryFn: ({ signal }) => request(findLoginProviders, { body: email === '' ? {} : { email } }, signal),
    staleTime: Infinity,
  });
}
