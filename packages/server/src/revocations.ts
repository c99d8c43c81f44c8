/**
 * Which device tokens are void before they expire. Kept in memory, so that the connect path asks no database: loaded at
 * start, told of news over the bus, and read again now and then in case the bus lost one.
 */
import { DEVICE_TOKEN_SECONDS } from './limits.ts';
import type { DeviceClaims } from './tokens.ts';

export interface Revocations {
  /** Takes in revocations; an auth set revoked again keeps the later time. */
  add(revocations: readonly { authSetId: string; revokedAtMs: number }[]): void;
  /** Takes in signing keys whose tokens are void, all that there are. */
  voidKeys(keyIds: readonly string[]): void;
  /** Takes in tenants that are gone: all tokens of their devices are void. */
  voidTenants(tenantIds: readonly string[]): void;
  isRevoked(token: Pick<DeviceClaims, 'tenantId' | 'authSetId' | 'issuedAtMs' | 'keyId'>): boolean;
}

export function createRevocations(nowMs: () => number = Date.now): Revocations {
  const revokedAtMs = new Map<string, number>();
  const deletedTenants = new Set<string>();
  let voidKeys: ReadonlySet<string> = new Set();
  return {
    add(revocations) {
      // Whatever was issued before then has expired.
      const forgetMs = nowMs() - 2 * DEVICE_TOKEN_SECONDS * 1000;
      for (const [authSetId, at] of revokedAtMs) if (at < forgetMs) revokedAtMs.delete(authSetId);
      for (const { authSetId, revokedAtMs: at } of revocations)
        if (at > (revokedAtMs.get(authSetId) ?? 0)) revokedAtMs.set(authSetId, at);
    },
    voidKeys(keyIds) {
      voidKeys = new Set(keyIds);
    },
    voidTenants(tenantIds) {
      // Ids are never used again, so these need not be forgotten before the process ends.
      for (const tenantId of tenantIds) deletedTenants.add(tenantId);
    },
    isRevoked: ({ tenantId, authSetId, issuedAtMs, keyId }) =>
      issuedAtMs <= (revokedAtMs.get(authSetId) ?? 0) || deletedTenants.has(tenantId) || voidKeys.has(keyId),
  };
}
