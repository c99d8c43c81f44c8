/** The routes below /settings. A new page gets its route here and its place in settings/navigation.ts. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { app } from './app.ts';

const layout = createRoute({
  getParentRoute: () => app,
  path: '/settings',
  component: lazyRouteComponent(() => import('../settings/SettingsLayout.tsx'), 'SettingsLayout'),
});

const index = createRoute({
  getParentRoute: () => layout,
  path: '/',
  component: lazyRouteComponent(() => import('../settings/SettingsIndex.tsx'), 'SettingsIndex'),
});

const account = createRoute({
  getParentRoute: () => layout,
  path: '/account',
  component: lazyRouteComponent(() => import('../account/AccountPage.tsx'), 'AccountPage'),
});

const security = createRoute({
  getParentRoute: () => layout,
  path: '/security',
  component: lazyRouteComponent(() => import('../account/SecurityPage.tsx'), 'SecurityPage'),
});

const about = createRoute({
  getParentRoute: () => layout,
  path: '/about',
  component: lazyRouteComponent(() => import('../settings/AboutPage.tsx'), 'AboutPage'),
});

export const settings = layout.addChildren([index, account, security, about]);
