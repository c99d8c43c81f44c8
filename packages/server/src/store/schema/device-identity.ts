/** Tables of how devices come into a tenant, and of tenants that are gone. */
import type { Generated } from 'kysely';
import type { Time } from './columns.ts';

export interface DeviceIdentityTables {
  join_codes: {
    id: string;
    tenant_id: string;
    name: string;
    /** SHA-256 of the code as `normalizeJoinCode` writes it. */
    code_hash: Buffer;
    expires_at: Time | null;
    uses: Generated<number>;
    uses_max: number | null;
    accept: boolean;
    group_id: string | null;
    tags: string[];
    created_at: Time;
  };
  certificate_authorities: {
    id: string;
    tenant_id: string;
    name: string;
    /** PEM. */
    certificate: string;
    fingerprint: string;
    subject: string;
    /** SHA-256 of the subject's DER: what certificates name as their issuer. */
    subject_hash: Buffer;
    not_before: Time;
    not_after: Time;
    created_at: Time;
  };
  /** System-wide: device tokens of these tenants are void. */
  deleted_tenants: { tenant_id: string; expires_at: Time };
}
