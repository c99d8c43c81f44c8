import {
  getSubscription,
  listNotificationPolicies,
  listNotifications,
  previewNotifications,
  type NotificationState,
  type Severity,
} from '@lovely/api';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { request } from '../api.ts';
import { PAGE_ROWS } from '../limits.ts';

export const POLICIES_KEY = ['notification-policies'];
export const SUBSCRIPTION_KEY = ['subscription'];

/** How often the log is looked at again. */
const LOG_REFRESH_MS = 10_000;

export const policiesQuery = queryOptions({
  queryKey: POLICIES_KEY,
  queryFn: ({ signal }) => request(listNotificationPolicies, {}, signal),
});

export const subscriptionQuery = queryOptions({
  queryKey: SUBSCRIPTION_KEY,
  queryFn: ({ signal }) => request(getSubscription, {}, signal),
});

export function notificationsQuery(state: NotificationState | undefined) {
  return infiniteQueryOptions({
    queryKey: ['notifications', state ?? null],
    queryFn: ({ pageParam, signal }) =>
      request(
        listNotifications,
        {
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
    refetchInterval: LOG_REFRESH_MS,
  });
}

/** Below the policies' key, so that a change of them asks again. */
export function previewQuery(deviceId: string | undefined, severity: Severity, rule: string) {
  return queryOptions({
    queryKey: [...POLICIES_KEY, 'preview', deviceId, severity, rule],
    queryFn: ({ signal }) =>
      request(previewNotifications, { body: { deviceId: deviceId ?? '', source: '', severity, rule } }, signal),
    enabled: deviceId !== undefined,
    placeholderData: (before) => before,
  });
}
