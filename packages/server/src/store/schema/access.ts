/** Tables of roles, groups and the audit log. */
import type { JSONColumnType } from 'kysely';
import type { DeviceFilter, Permission } from '@lovely/api';
import type { AuditActor, AuditChange, AuditObject } from '../../domain/audit.ts';
import type { Time, Version } from './columns.ts';

export interface AccessTables {
  /** Custom roles; the built-in ones are in @lovely/api. */
  roles: {
    id: string;
    tenant_id: string;
    name: string;
    description: string;
    permissions: Permission[];
    version: Version;
    created_at: Time;
  };
  /** `group_ids` null is for all devices. */
  grants: { user_id: string; role_id: string; tenant_id: string; group_ids: string[] | null };
  groups: {
    id: string;
    tenant_id: string;
    name: string;
    description: string;
    kind: 'static' | 'dynamic';
    filter: JSONColumnType<DeviceFilter> | null;
    version: Version;
    created_at: Time;
  };
  group_devices: { group_id: string; device_id: string; tenant_id: string };
  audit_entries: {
    tenant_id: string;
    position: number;
    id: string;
    at: Time;
    actor: JSONColumnType<AuditActor>;
    action: string;
    object: JSONColumnType<AuditObject>;
    result: string;
    address: string;
    change: JSONColumnType<AuditChange> | null;
    details: JSONColumnType<Record<string, unknown>>;
    hash: Buffer;
  };
  audit_heads: {
    tenant_id: string;
    position: number;
    hash: Buffer;
    first_position: number;
    hash_before_first: Buffer;
  };
}
