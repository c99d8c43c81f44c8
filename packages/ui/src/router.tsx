/** The routes: what is at which address, what it needs to know first, and who may see it. */
import { listDevices } from '@lovely/api';
import type { QueryClient } from '@tanstack/react-query';
import { createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { alertFacetsQuery, incidentsQuery } from './alerts/alert-queries.ts';
import { alertsSearch, stateOfTab } from './alerts/alerts-search.ts';
import { alertsQuery, deviceQuery, deviceStatusQuery, devicesQuery, setupQuery } from './api.ts';
import { chartsSearch } from './charts/charts-search.ts';
import { deploymentSearch, deploymentsSearch, newDeploymentSearch } from './deployments/deployment-search.ts';
import { configurationQuery } from './configuration/configuration-queries.ts';
import { SKELETON_AFTER_MS } from './limits.ts';
import { mapSearch } from './map/map-search.ts';
import { app, root } from './routes/app.ts';
import { settings } from './routes/settings.ts';
import { sensorsQuery } from './sensors/sensor-queries.ts';
import { artifactQuery, releaseListQuery } from './software/software-queries.ts';
import { softwareSearch } from './software/software-search.ts';
import { NotFoundPage } from './shell/NotFoundPage.tsx';
import { RouteError } from './shell/RouteError.tsx';
import { versionsSearch } from './versions/versions-search.ts';

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

const forgot = createRoute({
  getParentRoute: () => root,
  path: '/forgot',
  component: lazyRouteComponent(() => import('./reset/ForgotPage.tsx'), 'ForgotPage'),
});

const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset',
  component: lazyRouteComponent(() => import('./reset/ResetPage.tsx'), 'ResetPage'),
});

const invite = createRoute({
  getParentRoute: () => root,
  path: '/invite',
  component: lazyRouteComponent(() => import('./invite/InvitePage.tsx'), 'InvitePage'),
});

const unsubscribe = createRoute({
  getParentRoute: () => root,
  path: '/unsubscribe',
  component: lazyRouteComponent(() => import('./notifications/UnsubscribePage.tsx'), 'UnsubscribePage'),
});

const map = createRoute({
  getParentRoute: () => app,
  path: '/',
  validateSearch: mapSearch,
  component: lazyRouteComponent(() => import('./map/MapPage.tsx'), 'MapPage'),
});

const deviceFilter = listDevices.query.pick({ status: true, health: true, search: true, rule: true, group: true });

const devices = createRoute({
  getParentRoute: () => app,
  path: '/devices',
  validateSearch: z.object({
    status: deviceFilter.shape.status.catch(undefined),
    health: deviceFilter.shape.health.catch(undefined),
    search: deviceFilter.shape.search.catch(undefined),
    rule: deviceFilter.shape.rule.catch(undefined),
    group: deviceFilter.shape.group.catch(undefined),
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

const importDevices = createRoute({
  getParentRoute: () => app,
  path: '/devices/import',
  component: lazyRouteComponent(() => import('./device-import/ImportPage.tsx'), 'ImportPage'),
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
    void context.queryClient.prefetchQuery(sensorsQuery(params.id));
    void context.queryClient.prefetchInfiniteQuery(alertsQuery({ deviceId: params.id, state: 'active' }));
  },
  component: lazyRouteComponent(() => import('./device/OverviewTab.tsx'), 'OverviewTab'),
});

const deviceAlerts = createRoute({
  getParentRoute: () => device,
  path: '/alerts',
  loader: ({ context, params }) => void context.queryClient.prefetchInfiniteQuery(alertsQuery({ deviceId: params.id })),
  component: lazyRouteComponent(() => import('./device/AlertsTab.tsx'), 'AlertsTab'),
});

const deviceSensors = createRoute({
  getParentRoute: () => device,
  path: '/sensors',
  validateSearch: z.object({ sensor: z.string().optional().catch(undefined) }),
  loader: ({ context, params }) => void context.queryClient.prefetchQuery(sensorsQuery(params.id)),
  component: lazyRouteComponent(() => import('./sensors/SensorsTab.tsx'), 'SensorsTab'),
});

const deviceCharts = createRoute({
  getParentRoute: () => device,
  path: '/charts',
  validateSearch: chartsSearch,
  component: lazyRouteComponent(() => import('./charts/ChartsTab.tsx'), 'ChartsTab'),
});

const deviceSoftware = createRoute({
  getParentRoute: () => device,
  path: '/software',
  component: lazyRouteComponent(() => import('./device-software/SoftwareTab.tsx'), 'SoftwareTab'),
});

const deviceConfiguration = createRoute({
  getParentRoute: () => device,
  path: '/configuration',
  loader: ({ context, params }) => void context.queryClient.prefetchQuery(configurationQuery(params.id)),
  component: lazyRouteComponent(() => import('./configuration/ConfigurationTab.tsx'), 'ConfigurationTab'),
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
  validateSearch: alertsSearch,
  loaderDeps: ({ search: { tab } }) => ({ tab }),
  loader: ({ context, deps }) => {
    void context.queryClient.prefetchQuery(alertFacetsQuery(stateOfTab(deps.tab)));
    void context.queryClient.prefetchInfiniteQuery(incidentsQuery(stateOfTab(deps.tab)));
  },
  component: lazyRouteComponent(() => import('./alerts/AlertsPage.tsx'), 'AlertsPage'),
});

const rollouts = createRoute({
  getParentRoute: () => app,
  path: '/fix-rollouts',
  component: lazyRouteComponent(() => import('./fixes/RolloutsPage.tsx'), 'RolloutsPage'),
});

const rollout = createRoute({
  getParentRoute: () => app,
  path: '/fix-rollouts/$id',
  component: lazyRouteComponent(() => import('./fixes/RolloutPage.tsx'), 'RolloutPage'),
});

const software = createRoute({
  getParentRoute: () => app,
  path: '/software',
  validateSearch: softwareSearch,
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) => void context.queryClient.prefetchInfiniteQuery(releaseListQuery(deps)),
  component: lazyRouteComponent(() => import('./software/SoftwarePage.tsx'), 'SoftwarePage'),
});

const artifact = createRoute({
  getParentRoute: () => app,
  path: '/software/$id',
  loader: ({ context, params }) => void context.queryClient.prefetchQuery(artifactQuery(params.id)),
  component: lazyRouteComponent(() => import('./software/ArtifactPage.tsx'), 'ArtifactPage'),
});

const deployments = createRoute({
  getParentRoute: () => app,
  path: '/deployments',
  validateSearch: deploymentsSearch,
  // Without a loader: the contracts of deployments are large, and not for the first load.
  component: lazyRouteComponent(() => import('./deployments/DeploymentsPage.tsx'), 'DeploymentsPage'),
});

const newDeployment = createRoute({
  getParentRoute: () => app,
  path: '/deployments/new',
  validateSearch: newDeploymentSearch,
  component: lazyRouteComponent(() => import('./deployments/NewDeploymentPage.tsx'), 'NewDeploymentPage'),
});

const deployment = createRoute({
  getParentRoute: () => app,
  path: '/deployments/$id',
  validateSearch: deploymentSearch,
  component: lazyRouteComponent(() => import('./deployments/DeploymentPage.tsx'), 'DeploymentPage'),
});

const versions = createRoute({
  getParentRoute: () => app,
  path: '/versions',
  validateSearch: versionsSearch,
  component: lazyRouteComponent(() => import('./versions/VersionsPage.tsx'), 'VersionsPage'),
});

const connect = createRoute({
  getParentRoute: () => app,
  path: '/connect',
  validateSearch: z.object({ device: z.string().optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('./connect/ConnectPage.tsx'), 'ConnectPage'),
});

const apiDocs = createRoute({
  getParentRoute: () => app,
  path: '/api/docs',
  validateSearch: z.object({ search: z.string().optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('./api-docs/ApiDocsPage.tsx'), 'ApiDocsPage'),
});

const routeTree = root.addChildren([
  setup,
  signIn,
  forgot,
  reset,
  invite,
  unsubscribe,
  app.addChildren([
    map,
    devices,
    pending,
    importDevices,
    device.addChildren([
      deviceOverview,
      deviceAlerts,
      deviceSensors,
      deviceCharts,
      deviceSoftware,
      deviceConfiguration,
      deviceTerminal,
      deviceInventory,
    ]),
    alerts,
    rollouts,
    rollout,
    software,
    artifact,
    deployments,
    newDeployment,
    deployment,
    versions,
    connect,
    settings,
    apiDocs,
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
