/** Every address inside the application, for `<Link {...paths.device(id)}>` and `navigate(paths.device(id))`. */
import { PATHS, type DeviceStatus, type Health, type listConfigurations, type Query } from '@lovely/api';
import type { AlertsSearch } from './alerts/alerts-search.ts';
import type { AuditSearch } from './audit/audit-search.ts';
import type { DeploymentSearch, DeploymentsSearch, NewDeploymentSearch } from './deployments/deployment-search.ts';
import type { SoftwareSearch } from './software/software-search.ts';
import type { VersionsSearch } from './versions/versions-search.ts';

export interface ConfigurationsSearch {
  readonly state?: Query<typeof listConfigurations>['state'];
  readonly group?: string | undefined;
}

export interface DeviceFilter {
  readonly status?: DeviceStatus | undefined;
  readonly health?: Health | undefined;
  readonly search?: string | undefined;
  readonly rule?: string | undefined;
  /** Of this group. */
  readonly group?: string | undefined;
}

export type DeviceTab =
  | 'overview'
  | 'alerts'
  | 'sensors'
  | 'charts'
  | 'software'
  | 'configuration'
  | 'terminal'
  | 'inventory';

const DEVICE_TABS = {
  overview: '/devices/$id',
  alerts: '/devices/$id/alerts',
  sensors: '/devices/$id/sensors',
  charts: '/devices/$id/charts',
  software: '/devices/$id/software',
  configuration: '/devices/$id/configuration',
  terminal: '/devices/$id/terminal',
  inventory: '/devices/$id/inventory',
} as const;

export const paths = {
  map: () => ({ to: '/' }) as const,
  /** The map with the panel of a house. */
  house: (id: string) => ({ to: '/', search: { house: id } }) as const,
  devices: (search: DeviceFilter = {}) => ({ to: '/devices', search }) as const,
  pending: () => ({ to: '/devices/pending' }) as const,
  device: (id: string, tab: DeviceTab = 'overview') => ({ to: DEVICE_TABS[tab], params: { id } }) as const,
  sensor: (id: string, sensor: string) => ({ to: '/devices/$id/sensors', params: { id }, search: { sensor } }) as const,
  alerts: (search: AlertsSearch = {}) => ({ to: '/alerts', search }) as const,
  rollouts: () => ({ to: '/fix-rollouts' }) as const,
  rollout: (id: string) => ({ to: '/fix-rollouts/$id', params: { id } }) as const,
  deployments: (search: DeploymentsSearch = {}) => ({ to: '/deployments', search }) as const,
  newDeployment: (search: NewDeploymentSearch = {}) => ({ to: '/deployments/new', search }) as const,
  deployment: (id: string, search: DeploymentSearch = {}) =>
    ({ to: '/deployments/$id', params: { id }, search }) as const,
  /** What runs where. */
  versions: (search: VersionsSearch = {}) => ({ to: '/versions', search }) as const,
  software: (search: SoftwareSearch = {}) => ({ to: '/software', search }) as const,
  artifact: (id: string) => ({ to: '/software/$id', params: { id } }) as const,
  trustedKeys: () => ({ to: '/settings/trusted-keys' }) as const,
  connect: (device?: string) => ({ to: '/connect', search: device === undefined ? {} : { device } }) as const,
  settings: () => ({ to: '/settings' }) as const,
  account: () => ({ to: '/settings/account' }) as const,
  security: () => ({ to: '/settings/security' }) as const,
  general: () => ({ to: '/settings/general' }) as const,
  people: (search?: string) =>
    ({ to: '/settings/people', search: search === undefined || search === '' ? {} : { search } }) as const,
  person: (id: string) => ({ to: '/settings/people/$id', params: { id } }) as const,
  roles: () => ({ to: '/settings/roles' }) as const,
  role: (id: string) => ({ to: '/settings/roles/$id', params: { id } }) as const,
  groups: () => ({ to: '/settings/groups' }) as const,
  group: (id: string, tab?: 'configuration') =>
    ({ to: '/settings/groups/$id', params: { id }, search: tab === undefined ? {} : { tab } }) as const,
  /** Houses by how they stand to what they should be set to. */
  configurations: (search: ConfigurationsSearch = {}) => ({ to: '/settings/configuration', search }) as const,
  schemas: () => ({ to: '/settings/configuration/schemas' }) as const,
  newSchema: () => ({ to: '/settings/configuration/schemas/new' }) as const,
  schema: (key: string) => ({ to: '/settings/configuration/schemas/$key', params: { key } }) as const,
  joinCodes: () => ({ to: '/settings/join-codes' }) as const,
  signInProviders: () => ({ to: '/settings/sign-in-providers' }) as const,
  certificates: () => ({ to: '/settings/certificates' }) as const,
  webhooks: () => ({ to: '/settings/webhooks' }) as const,
  webhook: (id: string) => ({ to: '/settings/webhooks/$id', params: { id } }) as const,
  rules: () => ({ to: '/settings/rules' }) as const,
  newRule: () => ({ to: '/settings/rules/new' }) as const,
  rule: (key: string, tab?: 'versions') =>
    ({ to: '/settings/rules/$key', params: { key }, search: tab === undefined ? {} : { tab } }) as const,
  fixes: () => ({ to: '/settings/fixes' }) as const,
  /** For the alerts of this rule. */
  newFix: (rule?: string) => ({ to: '/settings/fixes/new', search: rule === undefined ? {} : { rule } }) as const,
  fix: (id: string) => ({ to: '/settings/fixes/$id', params: { id } }) as const,
  notifications: (tab?: 'log') =>
    ({ to: '/settings/notifications', search: tab === undefined ? {} : { tab } }) as const,
  audit: (search: AuditSearch = {}) => ({ to: '/settings/audit', search }) as const,
  tenants: () => ({ to: '/settings/tenants' }) as const,
  importDevices: () => ({ to: '/devices/import' }) as const,
  apiDocs: (search?: string) =>
    ({ to: '/api/docs', search: search === undefined || search === '' ? {} : { search } }) as const,
  about: () => ({ to: '/settings/about' }) as const,
  signIn: (next?: string) => ({ to: '/sign-in', search: next === undefined ? {} : { next } }) as const,
  forgot: () => ({ to: '/forgot' }) as const,
  setup: () => ({ to: '/setup' }) as const,
};

/** The WebSocket address of a path of this origin, e.g. `wss://localhost:8443/api/v1/live`. */
export function webSocketUrl(path: string, origin: string): string {
  const url = new URL(path, origin);
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
  return url.href;
}

export function liveUrl(origin: string): string {
  return webSocketUrl(PATHS.live, origin);
}

export function deviceConnectUrl(id: string, origin: string): string {
  return webSocketUrl(PATHS.deviceConnect.replace('{id}', encodeURIComponent(id)), origin);
}

/** Where sign-in leads back to: a path of this application, never another site. */
export function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])/.test(next) ? next : '/';
}
