/** The routes below /settings. A new page gets its route here and its place in settings/navigation.ts. */
import { listConfigurations } from '@lovely/api';
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { z } from 'zod';
import { auditSearch } from '../audit/audit-search.ts';
import { ownTenantQuery } from '../tenant/tenant-queries.ts';
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

const general = createRoute({
  getParentRoute: () => layout,
  path: '/general',
  loader: ({ context }) => void context.queryClient.prefetchQuery(ownTenantQuery),
  component: lazyRouteComponent(() => import('../tenant/GeneralPage.tsx'), 'GeneralPage'),
});

const people = createRoute({
  getParentRoute: () => layout,
  path: '/people',
  validateSearch: z.object({ search: z.string().optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('../people/PeoplePage.tsx'), 'PeoplePage'),
});

const person = createRoute({
  getParentRoute: () => layout,
  path: '/people/$id',
  component: lazyRouteComponent(() => import('../people/PersonPage.tsx'), 'PersonPage'),
});

const roles = createRoute({
  getParentRoute: () => layout,
  path: '/roles',
  component: lazyRouteComponent(() => import('../roles/RolesPage.tsx'), 'RolesPage'),
});

const role = createRoute({
  getParentRoute: () => layout,
  path: '/roles/$id',
  component: lazyRouteComponent(() => import('../roles/RolePage.tsx'), 'RolePage'),
});

const groups = createRoute({
  getParentRoute: () => layout,
  path: '/groups',
  component: lazyRouteComponent(() => import('../groups/GroupsPage.tsx'), 'GroupsPage'),
});

const group = createRoute({
  getParentRoute: () => layout,
  path: '/groups/$id',
  validateSearch: z.object({ tab: z.literal('configuration').optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('../groups/GroupPage.tsx'), 'GroupPage'),
});

const joinCodes = createRoute({
  getParentRoute: () => layout,
  path: '/join-codes',
  component: lazyRouteComponent(() => import('../join-codes/JoinCodesPage.tsx'), 'JoinCodesPage'),
});

const signInProviders = createRoute({
  getParentRoute: () => layout,
  path: '/sign-in-providers',
  component: lazyRouteComponent(() => import('../sign-in-providers/SignInProvidersPage.tsx'), 'SignInProvidersPage'),
});

const certificates = createRoute({
  getParentRoute: () => layout,
  path: '/certificates',
  component: lazyRouteComponent(() => import('../certificates/CertificatesPage.tsx'), 'CertificatesPage'),
});

const trustedKeys = createRoute({
  getParentRoute: () => layout,
  path: '/trusted-keys',
  component: lazyRouteComponent(() => import('../trusted-keys/TrustedKeysPage.tsx'), 'TrustedKeysPage'),
});

const webhooks = createRoute({
  getParentRoute: () => layout,
  path: '/webhooks',
  component: lazyRouteComponent(() => import('../webhooks/WebhooksPage.tsx'), 'WebhooksPage'),
});

const webhook = createRoute({
  getParentRoute: () => layout,
  path: '/webhooks/$id',
  component: lazyRouteComponent(() => import('../webhooks/WebhookPage.tsx'), 'WebhookPage'),
});

const rules = createRoute({
  getParentRoute: () => layout,
  path: '/rules',
  component: lazyRouteComponent(() => import('../rules/RulesPage.tsx'), 'RulesPage'),
});

const newRule = createRoute({
  getParentRoute: () => layout,
  path: '/rules/new',
  component: lazyRouteComponent(() => import('../rules/NewRulePage.tsx'), 'NewRulePage'),
});

const rule = createRoute({
  getParentRoute: () => layout,
  path: '/rules/$key',
  validateSearch: z.object({ tab: z.literal('versions').optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('../rules/RulePage.tsx'), 'RulePage'),
});

const configurations = createRoute({
  getParentRoute: () => layout,
  path: '/configuration',
  validateSearch: z.object({
    state: listConfigurations.query.shape.state.catch(undefined),
    group: listConfigurations.query.shape.groupId.catch(undefined),
  }),
  component: lazyRouteComponent(() => import('../configuration/ConfigurationsPage.tsx'), 'ConfigurationsPage'),
});

const schemas = createRoute({
  getParentRoute: () => layout,
  path: '/configuration/schemas',
  component: lazyRouteComponent(() => import('../configuration/SchemasPage.tsx'), 'SchemasPage'),
});

const newSchema = createRoute({
  getParentRoute: () => layout,
  path: '/configuration/schemas/new',
  component: lazyRouteComponent(() => import('../configuration/SchemaPage.tsx'), 'NewSchemaPage'),
});

const schema = createRoute({
  getParentRoute: () => layout,
  path: '/configuration/schemas/$key',
  component: lazyRouteComponent(() => import('../configuration/SchemaPage.tsx'), 'SchemaPage'),
});

const fixes = createRoute({
  getParentRoute: () => layout,
  path: '/fixes',
  component: lazyRouteComponent(() => import('../fixes/FixesPage.tsx'), 'FixesPage'),
});

const newFix = createRoute({
  getParentRoute: () => layout,
  path: '/fixes/new',
  validateSearch: z.object({ rule: z.string().optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('../fixes/NewFixPage.tsx'), 'NewFixPage'),
});

const fix = createRoute({
  getParentRoute: () => layout,
  path: '/fixes/$id',
  component: lazyRouteComponent(() => import('../fixes/FixPage.tsx'), 'FixPage'),
});

const notifications = createRoute({
  getParentRoute: () => layout,
  path: '/notifications',
  validateSearch: z.object({ tab: z.literal('log').optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('../notifications/NotificationsPage.tsx'), 'NotificationsPage'),
});

const audit = createRoute({
  getParentRoute: () => layout,
  path: '/audit',
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import('../audit/AuditPage.tsx'), 'AuditPage'),
});

const tenants = createRoute({
  getParentRoute: () => layout,
  path: '/tenants',
  component: lazyRouteComponent(() => import('../tenants/TenantsPage.tsx'), 'TenantsPage'),
});

const about = createRoute({
  getParentRoute: () => layout,
  path: '/about',
  component: lazyRouteComponent(() => import('../settings/AboutPage.tsx'), 'AboutPage'),
});

export const settings = layout.addChildren([
  index,
  account,
  security,
  general,
  people,
  person,
  roles,
  role,
  groups,
  group,
  configurations,
  schemas,
  newSchema,
  schema,
  joinCodes,
  signInProviders,
  certificates,
  trustedKeys,
  webhooks,
  webhook,
  rules,
  newRule,
  rule,
  fixes,
  newFix,
  fix,
  notifications,
  audit,
  tenants,
  about,
]);
