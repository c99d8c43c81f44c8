/** Shown instead of a page that could not be drawn, e.g. because the server doesn't answer. */
import { useQueryErrorResetBoundary } from '@tanstack/react-query';
import { useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { useEffect, useEffectEvent } from 'react';
import { ROUTE_RETRY_MS } from '../limits.ts';
import { ErrorState } from '../parts/ErrorState.tsx';
import { isPartMissing, isUnreachable } from '../parts/unreachable.ts';

export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const boundary = useQueryErrorResetBoundary();
  const retry = async (): Promise<void> => {
    if (isPartMissing(error)) {
      // What failed to load once is never asked for again, and after an upgrade of the server it has another name.
      const isThere = await fetch(location.href, { method: 'HEAD' }).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isThere) location.reload();
      return;
    }
    boundary.reset();
    reset();
    await router.invalidate();
  };
  const retryUnreachable = useEffectEvent(() => {
    if (isUnreachable(error)) void retry();
  });
  useEffect(() => {
    const timer = setInterval(() => retryUnreachable(), ROUTE_RETRY_MS);
    return () => clearInterval(timer);
  }, []);
  return <ErrorState error={error} onRetry={() => void retry()} isPage />;
}
