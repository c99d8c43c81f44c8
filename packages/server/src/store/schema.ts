/** The tables as TypeScript sees them; migrations/ makes them. Every row of a tenant's data names its tenant. */
import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { DeviceStatus, DisconnectReason, Health, Login } from '@lovely/api';
import type { Identity } from '../domain/identity.ts';
import type { TenantLimits, TenantSettings } from '../domain/tenant.ts';
import type { AccessTables } from './schema/access.ts';
import type { AlertTables } from './schema/alerts.ts';
import type { ArtifactTables } from './schema/artifacts.ts';
import type { Time, Version } from './schema/columns.ts';
import type { ConfigurationArtifactTables } from './schema/configuration-artifacts.ts';
import type { ConfigurationTables } from './schema/configurations.ts';
import type { DeploymentTables } from './schema/deployments.ts';
import type { DeviceIdentityTables } from './schema/device-identity.ts';
import type { DeviceMessageTables } from './schema/device-messages.ts';
import type { FactorTables } from './schema/factors.ts';
import type { PeopleTables } from './schema/people.ts';
import type { HistoryTables } from './schema/history.ts';
import type { FixTables } from './schema/fixes.ts';
import type { HttpTables } from './schema/http.ts';
import type { RuleTables } from './schema/rules.ts';
import type { NotificationTables } from './schema/notifications.ts';
import type { SecretTables } from './schema/secrets.ts';
import type { SensorTables } from './schema/sensors.ts';
import type { WebhookTables } from './schema/webhooks.ts';

export type AttributeValue = string | string[];
export type Scalar = string | number | boolean;

export interface Schema
  extends
    AccessTables,
    AlertTables,
    ArtifactTables,
    ConfigurationArtifactTables,
    ConfigurationTables,
    DeploymentTables,
    DeviceIdentityTables,
    DeviceMessageTables,
    FactorTables,
    FixTables,
    HistoryTables,
    PeopleTables,
    RuleTables,
    HttpTables,
    NotificationTables,
    SecretTables,
    SensorTables,
    WebhookTables {
  tenants: {
    id: string;
    name: string;
    limits: JSONColumnType<TenantLimits, string | undefined>;
    settings: JSONColumnType<TenantSettings, string | undefined>;
    version: Version;
    created_at: Time;
  };
  users: {
    id: string;
    tenant_id: string;
    email: string;
    name: string;
    password_hash: string;
    disabled_at: Time | null;
    last_login_at: Time | null;
    version: Version;
    created_at: Time;
  };
  logins: {
    id: string;
    tenant_id: string;
    user_id: string;
    created_at: Time;
    expires_at: Time;
    revoked_at: Time | null;
    method: Generated<Login['method']>;
    /** By a code, a passkey, or what a provider asked for. */
    has_second_factor: Generated<boolean>;
    address: string | null;
    user_agent: Generated<string>;
    last_used_at: Time;
  };
  devices: {
    id: string;
    tenant_id: string;
    identity: JSONColumnType<Identity>;
    identity_hash: Buffer;
    status: DeviceStatus;
    name: string;
    address: string;
    latitude: number | null;
    longitude: number | null;
    tags: string[];
    health: Health;
    client: string | null;
    inventory: JSONColumnType<Record<string, AttributeValue>>;
    inventory_at: Time | null;
    version: Version;
    /** What lists are sorted by: the name in small letters, and the worst health first. Made by PostgreSQL. */
    name_key: ColumnType<string, never, never>;
    health_rank: ColumnType<number, never, never>;
    /** A square of a tenth of a degree. Made by PostgreSQL. */
    cell: ColumnType<number | null, never, never>;
    created_at: Time;
    updated_at: Time;
  };
  auth_sets: {
    id: string;
    tenant_id: string;
    device_id: string;
    public_key: string;
    key_type: string;
    fingerprint: string;
    status: 'pending' | 'accepted' | 'rejected' | 'preauthorized';
    join_code_id: string | null;
    created_at: Time;
  };
  /** Tokens of these auth sets are void when they were issued before `revoked_at`. */
  revocations: { auth_set_id: string; tenant_id: string; device_id: string; revoked_at: Time; expires_at: Time };
  presence: {
    device_id: string;
    tenant_id: string;
    hub_id: string;
    epoch: number;
    connected: boolean;
    changed_at: Time;
    reason: DisconnectReason | null;
    origins: Generated<string[]>;
    returns: Generated<number>;
    returned_at: Time | null;
    /** The first half of the address that it came from. */
    network: string | null;
  };
  /** System-wide: a hub serves all tenants. */
  hubs: { id: string; lease_until: Time; started_at: Time };
  status_values: {
    device_id: string;
    source: string;
    tenant_id: string;
    /** By metric: the value, and when it was so in milliseconds since 1970. */
    values: JSONColumnType<Record<string, [value: Scalar, tsMs: number]>>;
    oldest_ms: number;
    newest_ms: number;
  };
  alert_messages: { device_id: string; message_id: number; tenant_id: string; received_at: Time };
}
