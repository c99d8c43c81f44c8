/** Tenants, the customers of one system: those of the whole system for who runs it, and one's own. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import {
  ALERT_REOPEN_MINUTES_MAX,
  AUDIT_RETENTION_DAYS_MAX,
  AUDIT_RETENTION_DAYS_MIN,
  NAME_LENGTH_MAX,
  PAGE_DEFAULT,
  PAGE_MAX,
} from '../limits.ts';
import { id, time } from '../nouns.ts';
import { timeZone } from '../time-zone.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });
const name = z.string().trim().min(1).max(NAME_LENGTH_MAX);

/** What a tenant may use at most; null is without a limit. */
export const tenantLimits = z.object({
  /** Accepted and pre-authorised devices together. */
  devices: z.number().int().min(0).max(100_000_000).nullable(),
  /** What all its devices together may send on average, at each hub. */
  messagesPerSecond: z.number().int().min(1).max(10_000_000).nullable(),
  /** Bytes of its artifacts and recordings. */
  storageBytes: z.number().int().min(0).nullable(),
});
export type TenantLimits = z.infer<typeof tenantLimits>;

export const tenantSettings = z.object({
  /** Of the IANA database, as `Europe/Berlin`: what days and schedules of the tenant go by. */
  timeZone,
  /** Whoever signs in without a second factor can do nothing but set one up. */
  requireSecondFactor: z.boolean(),
  auditRetentionDays: z.number().int().min(AUDIT_RETENTION_DAYS_MIN).max(AUDIT_RETENTION_DAYS_MAX),
  /** A problem that comes back within so many minutes after its end reopens its alert; 0: it is always a new one. */
  alertReopenMinutes: z.number().int().min(0).max(ALERT_REOPEN_MINUTES_MAX),
  /** Artifacts that no trusted key has signed are refused. */
  requireSignedArtifacts: z.boolean(),
});
export type TenantSettings = z.infer<typeof tenantSettings>;

export const tenant = z.object({
  id,
  name: z.string(),
  limits: tenantLimits,
  /** Of devices it counts those that whoever asks may see. */
  usage: z.object({
    /** Accepted and pre-authorised ones, which `limits.devices` is about. */
    devices: z.number().int(),
    pending: z.number().int(),
    connected: z.number().int(),
    users: z.number().int(),
    /** Of artifacts, and of uploads under way. */
    storageBytes: z.number().int(),
  }),
  createdAt: time,
  /** For `If-Match`: a change that was made from an older version is refused. */
  version: z.number().int(),
});
export type Tenant = z.infer<typeof tenant>;

export const ownTenant = tenant.extend({ settings: tenantSettings });
export type OwnTenant = z.infer<typeof ownTenant>;

export const listTenants = endpoint({
  method: 'GET',
  path: '/api/v1/tenants',
  summary: 'Every tenant of the system with what it uses, by name, a page at a time',
  access: 'system.admin',
  params: none,
  query: z.object({
    /** Part of the name. */
    search: z.string().max(NAME_LENGTH_MAX).optional(),
    /** `next` of the page before. */
    cursor: z.string().max(1000).optional(),
    limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  }),
  body: nothing,
  result: z.object({ items: z.array(tenant), next: z.string().nullable() }),
  status: 200,
});

export const getTenant = endpoint({
  method: 'GET',
  path: '/api/v1/tenants/{id}',
  summary: 'One tenant of the system',
  access: 'system.admin',
  params: byId,
  query: none,
  body: nothing,
  result: tenant,
  status: 200,
});

export const createTenant = endpoint({
  method: 'POST',
  path: '/api/v1/tenants',
  summary: 'Make a tenant; the answer holds the link, shown once, by which its first administrator comes in',
  access: 'system.admin',
  action: 'tenant.create',
  params: none,
  query: none,
  body: z.object({
    name,
    limits: tenantLimits.partial().default({}),
    /** Whom the invitation is for: an administrator of the new tenant. */
    administrator: z.email().max(NAME_LENGTH_MAX),
  }),
  result: z.object({ tenant, invitation: z.object({ url: z.string(), expiresAt: time }) }),
  status: 201,
});

export const updateTenant = endpoint({
  method: 'PATCH',
  path: '/api/v1/tenants/{id}',
  summary: 'Rename a tenant, or change what it may use',
  access: 'system.admin',
  action: 'tenant.update',
  params: byId,
  query: none,
  body: z.object({ name: name.optional(), limits: tenantLimits.partial().optional() }),
  result: tenant,
  status: 200,
});

export const deleteTenant = endpoint({
  method: 'DELETE',
  path: '/api/v1/tenants/{id}',
  summary: 'Delete a tenant with everything of it; its devices and people are out at once. There is no way back',
  access: 'system.admin',
  action: 'tenant.delete',
  params: byId,
  /** The tenant's name once more, as it is spelled: who types it knows which one goes. */
  query: z.object({ name: z.string().max(NAME_LENGTH_MAX) }),
  body: nothing,
  result: nothing,
  status: 204,
});

export const getOwnTenant = endpoint({
  method: 'GET',
  path: '/api/v1/tenant',
  summary: 'The tenant of whoever asks: limits, what it uses, settings',
  access: 'fleet.read',
  params: none,
  query: none,
  body: nothing,
  result: ownTenant,
  status: 200,
});

export const updateOwnTenant = endpoint({
  method: 'PATCH',
  path: '/api/v1/tenant',
  summary: 'Change settings of the own tenant',
  access: 'tenant.write',
  action: 'tenant.settings',
  params: none,
  query: none,
  body: z.object({ settings: tenantSettings.partial() }),
  result: ownTenant,
  status: 200,
});
