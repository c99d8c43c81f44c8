/** What concerns the account of whoever is signed in. */
import { getFactors, listLogins, listPasskeys, listTokens } from '@lovely/api';
import { queryOptions } from '@tanstack/react-query';
import { request } from '../api.ts';

export const factorsQuery = queryOptions({
  queryKey: ['account', 'factors'],
  queryFn: ({ signal }) => request(getFactors, {}, signal),
});

export const passkeysQuery = queryOptions({
  queryKey: ['account', 'passkeys'],
  queryFn: ({ signal }) => request(listPasskeys, {}, signal),
});

export const loginsQuery = queryOptions({
  queryKey: ['account', 'logins'],
  queryFn: ({ signal }) => request(listLogins, {}, signal),
});

export const tokensQuery = queryOptions({
  queryKey: ['account', 'tokens'],
  queryFn: ({ signal }) => request(listTokens, {}, signal),
});
