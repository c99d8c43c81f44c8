/** Which devices of a tenant somebody may see or touch. */
import type { DeviceFilter } from '@lovely/api';

/** A group by what decides who is in it. */
export type DeviceGroup =
  | { readonly id: string; readonly kind: 'static' }
  | { readonly id: string; readonly kind: 'dynamic'; readonly filter: DeviceFilter };

export type DeviceScope = { readonly kind: 'all' } | { readonly kind: 'some'; readonly groups: readonly DeviceGroup[] };

export const ALL_DEVICES: DeviceScope = { kind: 'all' };
