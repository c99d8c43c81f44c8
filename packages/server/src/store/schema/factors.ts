/** Tables of second factors, passkeys, providers and access tokens. */
import type { Permission } from '@lovely/api';
import type { Time, Version } from './columns.ts';

export interface FactorTables {
  totp_secrets: {
    user_id: string;
    tenant_id: string;
    /** Sealed. */
    secret: string;
    created_at: Time;
    active_since: Time | null;
    /** The time step of the last code that was used; a lower or equal one is void. */
    last_step: number;
  };
  recovery_codes: { user_id: string; code_hash: Buffer; tenant_id: string };
  passkeys: {
    id: string;
    tenant_id: string;
    user_id: string;
    credential_id: string;
    public_key: Buffer;
    counter: number;
    transports: string[];
    is_synced: boolean;
    name: string;
    created_at: Time;
    last_used_at: Time | null;
  };
  /** Without a tenant and user: a sign-in. */
  passkey_challenges: {
    id: string;
    tenant_id: string | null;
    user_id: string | null;
    challenge: string;
    expires_at: Time;
  };
  oidc_providers: {
    id: string;
    tenant_id: string;
    name: string;
    issuer: string;
    client_id: string;
    /** Sealed. */
    client_secret: string;
    email_domains: string[];
    role_for_new_people: string | null;
    is_public: boolean;
    version: Version;
    created_at: Time;
  };
  oidc_links: { provider_id: string; subject: string; tenant_id: string; user_id: string; created_at: Time };
  oidc_starts: {
    state_hash: Buffer;
    tenant_id: string;
    provider_id: string;
    browser_hash: Buffer;
    nonce: string;
    code_verifier: string;
    redirect_uri: string;
    expires_at: Time;
  };
  tokens: {
    id: string;
    tenant_id: string;
    user_id: string;
    name: string;
    hash: Buffer;
    permissions: Permission[];
    created_at: Time;
    last_used_at: Time | null;
    expires_at: Time;
  };
}
