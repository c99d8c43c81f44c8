/** The routes: what is at which address, what it needs to know first, and who may see it. */
import { listDevices } from '@lovely/api';
import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  type ParsedLocation,
} from '@tanstack/react-router';
import { z } from 'zod';
import {
  alertsQuery,
  deviceQuery,
  deviceStatusQuery,
  devicesQuery,
  fleetQuery,
  isUnauthorized,
  meQuery,
  setupQuery,
} from './api.ts';
import { SKELETON_AFTER_MS } from './limits.ts';
import { mapSearch } from './map/map-search.ts';
import { paths } from './paths.ts';
import { NotFoundPage } from './shell/NotFoundPage.tsx';
import { RouteError } from './shell/RouteError.tsx';
import { Shell } from './shell/Shell.tsx';
import { ShellSkeleton } from './shell/ShellSkeleton.tsx';

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Outlet,
  errorComponent: RouteError,
  notFoundComponent: NotFoundPage,
});

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  loader: ({ context }) => context.queryClient.ensureQueryData(setupQuery),
  component: lazyRouteComponent(() => import('./setup/SetupPage.tsx'), 'SetupPage'),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: z.object({ next: z.string().optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('./sign-in/SignInPage.tsx'), 'SignInPage'),
});

/** Everything behind sign-in. */
const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: ({ context, location }) => requireUser(context.queryClient, location),
  pendingComponent: ShellSkeleton,
  component: Shell,
});

const map = createRoute({
  getParentRoute: () => app,
  path: '/',
  validateSearch: mapSearch,
  component: lazyRouteComponent(() => import('./map/MapPage.tsx'), 'MapPage'),
});

const deviceFilter = listDevices.query.pick({ status: true, health: true, search: true, rule: true });

const devices = createRoute({
  getParentRoute: () => app,
  path: '/devices',
  validateSearch: z.object({
    status: deviceFilter.shape.status.catch(undefined),
    health: deviceFilter.shape.health.catch(undefined),
    search: deviceFilter.shape.search.catch(undefined),
    rule: deviceFilter.shape.rule.catch(undefined),
  }),
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => void context.queryClient.prefetchInfiniteQuery(devicesQuery(deps)),
  component: lazyRouteComponent(() => import('./devices/DevicesPage.tsx'), 'DevicesPage'),
});

const pending = createRoute({
  getParentRoute: () => app,
  path: '/devices/pending',
  loader: ({ context }) => void context.queryClient.prefetchInfiniteQuery(devicesQuery({ status: 'pending' })),
  component: lazyRouteComponent(() => import('./devices/PendingPage.tsx'), 'PendingPage'),
});

const device = createRoute({
  getParentRoute: () => app,
  path: '/devices/$id',
  loader: ({ context, params }) => void context.queryClient.prefetchQuery(deviceQuery(params.id)),
  component: lazyRouteComponent(() => import('./device/DevicePage.tsx'), 'DevicePage'),
});

const deviceOverview = createRoute({
  getParentRoute: () => device,
  path: '/',
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(deviceStatusQuery(params.id));
    void context.queryClient.prefetchInfiniteQuery(alertsQuery({ deviceId: params.id, state: 'open' }));
  },
  component: lazyRouteComponent(() => import('./device/OverviewTab.tsx'), 'OverviewTab'),
});

const deviceAlerts = createRoute({
  getParentRoute: () => device,
  path: '/alerts',
  loader: ({ context, params }) => void context.queryClient.prefetchInfiniteQuery(alertsQuery({ deviceId: params.id })),
  component: lazyRouteComponent(() => import('./device/AlertsTab.tsx'), 'AlertsTab'),
});

const deviceTerminal = createRoute({
  getParentRoute: () => device,
  path: '/terminal',
  component: lazyRouteComponent(() => import('./terminal/TerminalTab.tsx'), 'TerminalTab'),
});

const deviceInventory = createRoute({
  getParentRoute: () => device,
  path: '/inventory',
  component: lazyRouteComponent(() => import('./device/InventoryTab.tsx'), 'InventoryTab'),
});

const alerts = createRoute({
  getParentRoute: () => app,
  path: '/alerts',
  validateSearch: z.object({
    state: z.enum(['open', 'closed']).optional().catch(undefined),
    rule: z.string().optional().catch(undefined),
  }),
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => {
    void context.queryClient.prefetchQuery(fleetQuery);
    void context.queryClient.prefetchInfiniteQuery(alertsQuery({ state: deps.state ?? 'open', rule: deps.rule }));
  },
  component: lazyRouteComponent(() => import('./alerts/AlertsPage.tsx'), 'AlertsPage'),
});

const connect = createRoute({
  getParentRoute: () => app,
  path: '/connect',
  validateSearch: z.object({ device: z.string().optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('./connect/ConnectPage.tsx'), 'ConnectPage'),
});

const settings = createRoute({
  getParentRoute: () => app,
  path: '/settings',
  component: lazyRouteComponent(() => import('./settings/SettingsPage.tsx'), 'SettingsPage'),
});

const routeTree = root.addChildren([
  setup,
  signIn,
  app.addChildren([
    map,
    devices,
    pending,
    device.addChildren([deviceOverview, deviceAlerts, deviceTerminal, deviceInventory]),
    alerts,
    connect,
    settings,
  ]),
]);

export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPendingMs: SKELETON_AFTER_MS,
    defaultPendingMinMs: 0,
    defaultPreload: 'intent',
    // The query cache decides what is fresh.
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    defaultErrorComponent: RouteError,
    defaultNotFoundComponent: NotFoundPage,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}

/** Leads to sign-in, or to set-up while there is nobody who could sign in. */
async function requireUser(queryClient: QueryClient, location: ParsedLocation): Promise<void> {
  try {
    await queryClient.ensureQueryData(meQuery);
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    const { needed } = await queryClient.fetchQuery(setupQuery);
    redirect({ ...(needed ? paths.setup() : paths.signIn(location.href)), throw: true });
  }
}
