/** The root of all routes, and the one that everything behind sign-in stands below. */
import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, Outlet, redirect, type ParsedLocation } from '@tanstack/react-router';
import { isUnauthorized, meQuery, setupQuery } from '../api.ts';
import { paths } from '../paths.ts';
import { NotFoundPage } from '../shell/NotFoundPage.tsx';
import { RouteError } from '../shell/RouteError.tsx';
import { Shell } from '../shell/Shell.tsx';
import { ShellSkeleton } from '../shell/ShellSkeleton.tsx';

export const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Outlet,
  errorComponent: RouteError,
  notFoundComponent: NotFoundPage,
});

/** Everything behind sign-in. */
export const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: ({ context, location }) => requireUser(context.queryClient, location),
  pendingComponent: ShellSkeleton,
  component: Shell,
});

/**
 * Leads to sign-in, or to set-up while there is nobody who could sign in; and to the second factor where the tenant asks
 * for one and it is missing.
 */
async function requireUser(queryClient: QueryClient, location: ParsedLocation): Promise<void> {
  try {
    const me = await queryClient.ensureQueryData(meQuery);
    const { to } = paths.security();
    if (me.mustSetUpSecondFactor && location.pathname !== to) redirect({ to, throw: true });
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    const { needed } = await queryClient.fetchQuery(setupQuery);
    redirect({ ...(needed ? paths.setup() : paths.signIn(location.href)), throw: true });
  }
}
