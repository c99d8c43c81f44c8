/**
 * What each tenant's devices may send at this hub, beside what each device may: a tenant whose devices flood is held
 * back before the bus and the workers, which all tenants share.
 */
import { TokenBucket } from '../domain/token-bucket.ts';
import { TENANT_BURST_SECONDS, TENANT_LIMITS_FRESH_MS } from '../limits.ts';

export interface TenantRates {
  /** Whether a message of this cost may pass now. */
  take(tenantId: string, cost: number): boolean;
}

interface Rate {
  /** Undefined: as much as they like. */
  perSecond: number | undefined;
  bucket: TokenBucket | undefined;
  readAtMs: number;
}

/** @param read a tenant's messages a second, undefined without a limit; until it is known there is none */
export function createTenantRates(
  read: (tenantId: string) => Promise<number | undefined>,
  nowMs: () => number,
): TenantRates {
  const rates = new Map<string, Rate>();

  function refresh(tenantId: string, rate: Rate): void {
    rate.readAtMs = nowMs();
    read(tenantId).then(
      (perSecond) => {
        if (perSecond !== rate.perSecond)
          rate.bucket = perSecond === undefined ? undefined : new TokenBucket(burst(perSecond), nowMs());
        rate.perSecond = perSecond;
      },
      // While the database is away, what was known goes on.
      () => undefined,
    );
  }

  return {
    take(tenantId, cost) {
      let rate = rates.get(tenantId);
      if (!rate) rates.set(tenantId, (rate = { perSecond: undefined, bucket: undefined, readAtMs: -Infinity }));
      if (nowMs() - rate.readAtMs > TENANT_LIMITS_FRESH_MS) refresh(tenantId, rate);
      const { perSecond, bucket } = rate;
      return perSecond === undefined || !bucket || bucket.take(perSecond, burst(perSecond), nowMs(), cost);
    },
  };
}

function burst(perSecond: number): number {
  return perSecond * TENANT_BURST_SECONDS;
}
