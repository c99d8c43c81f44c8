import { listJoinCodes } from '@lovely/api';
import { queryOptions } from '@tanstack/react-query';
import { request } from '../api.ts';

export const joinCodesQuery = queryOptions({
  queryKey: ['join-codes'],
  queryFn: ({ signal }) => request(listJoinCodes, {}, signal),
});
