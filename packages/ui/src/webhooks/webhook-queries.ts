import { getDelivery, getWebhook, listDeliveries, listWebhooks, type Delivery } from '@lovely/api';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { request } from '../api.ts';
import { PAGE_ROWS } from '../limits.ts';

export const WEBHOOKS_KEY = ['webhooks'];

/** How often deliveries that are under way are looked at again. */
const DELIVERIES_REFRESH_MS = 5_000;

export const webhooksQuery = queryOptions({
  queryKey: [...WEBHOOKS_KEY, 'list'],
  queryFn: ({ signal }) => request(listWebhooks, {}, signal),
});

export function webhookQuery(id: string) {
  return queryOptions({
    queryKey: [...WEBHOOKS_KEY, 'one', id],
    queryFn: ({ signal }) => request(getWebhook, { params: { id } }, signal),
  });
}

export function deliveriesQuery(id: string, state: Delivery['state'] | undefined) {
  return infiniteQueryOptions({
    queryKey: [...WEBHOOKS_KEY, 'deliveries', id, state ?? null],
    queryFn: ({ pageParam, signal }) =>
      request(
        listDeliveries,
        {
          params: { id },
          query: {
            limit: PAGE_ROWS,
            ...(state === undefined ? {} : { state }),
            ...(pageParam === null ? {} : { cursor: pageParam }),
          },
        },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: DELIVERIES_REFRESH_MS,
  });
}

export function deliveryQuery(id: string, deliveryId: string) {
  return queryOptions({
    queryKey: [...WEBHOOKS_KEY, 'delivery', id, deliveryId],
    queryFn: ({ signal }) => request(getDelivery, { params: { id, deliveryId } }, signal),
  });
}
