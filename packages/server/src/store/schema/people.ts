/** Invitations, links for forgotten passwords, delays after wrong passwords. */
import type { Generated, JSONColumnType } from 'kysely';
import type { Grant } from '@lovely/api';
import type { Time } from './columns.ts';

export interface PeopleTables {
  invitations: {
    id: string;
    tenant_id: string;
    email: string;
    grants: JSONColumnType<Grant[]>;
    code_hash: Buffer;
    invited_by: string | null;
    invited_by_name: string;
    created_at: Time;
    expires_at: Time;
  };
  password_resets: {
    id: string;
    tenant_id: string;
    user_id: string;
    code_hash: Buffer;
    created_at: Time;
    expires_at: Time;
  };
  /** System-wide: kept for any e-mail address that somebody tries, by its SHA-256, whether anybody has it or not. */
  sign_in_attempts: {
    email_hash: Buffer;
    /** An IPv4 address or an IPv6 /64; empty: from everywhere together. */
    neighbour: string;
    failures: Generated<number>;
    failed_at: Time | null;
    refused_until: Time | null;
    /** When somebody last signed in from there. */
    proved_at: Time | null;
  };
}
