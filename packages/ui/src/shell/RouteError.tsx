/** Shown instead of a page that could not be drawn, e.g. because the server doesn't answer. */
import { useQueryErrorResetBoundary } from '@tanstack/react-query';
import { useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { ErrorState } from '../parts/ErrorState.tsx';

export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const boundary = useQueryErrorResetBoundary();
  const retry = (): void => {
    boundary.reset();
    reset();
    void router.invalidate();
  };
  return <ErrorState error={error} onRetry={retry} isPage />;
}
