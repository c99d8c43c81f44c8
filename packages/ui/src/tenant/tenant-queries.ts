import { getOwnTenant } from '@lovely/api';
import { queryOptions } from '@tanstack/react-query';
import { request } from '../api.ts';

export const ownTenantQuery = queryOptions({
  queryKey: ['tenant'],
  queryFn: ({ signal }) => request(getOwnTenant, {}, signal),
});
