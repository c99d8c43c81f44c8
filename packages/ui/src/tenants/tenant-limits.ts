/** Limits of a tenant as they are typed: empty is without a limit, storage in GiB. */
import type { TenantLimits } from '@lovely/api';

const GIB = 1024 ** 3;

export interface LimitsDraft {
  readonly devices: string;
  readonly messagesPerSecond: string;
  readonly storageGib: string;
}

export const NO_LIMITS: LimitsDraft = { devices: '', messagesPerSecond: '', storageGib: '' };

export function draftOf({ devices, messagesPerSecond, storageBytes }: TenantLimits): LimitsDraft {
  return {
    devices: devices === null ? '' : String(devices),
    messagesPerSecond: messagesPerSecond === null ? '' : String(messagesPerSecond),
    storageGib: storageBytes === null ? '' : String(storageBytes / GIB),
  };
}

export function limitsOf({ devices, messagesPerSecond, storageGib }: LimitsDraft): TenantLimits {
  return {
    devices: devices === '' ? null : Number(devices),
    messagesPerSecond: messagesPerSecond === '' ? null : Number(messagesPerSecond),
    storageBytes: storageGib === '' ? null : Math.round(Number(storageGib) * GIB),
  };
}
