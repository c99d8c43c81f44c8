/** What software runs where, as gateways tell it. */
import type { Database } from './store.ts';

export interface ToldProvides {
  readonly tenantId: string;
  readonly deviceId: string;
  /** `artifact_name`, `device_type`, and whatever its artifacts brought. */
  readonly provides: Readonly<Record<string, string>>;
  /** channel: it takes offers over the live channel. poll: it asks. inventory: other software told it. */
  readonly by: 'channel' | 'poll' | 'inventory';
  /** Of the channel: so that an older one that comes later changes nothing. */
  readonly messageId?: number | undefined;
}

/** Stores it; returns the devices on which something changed, for the event `software`. */
export async function storeProvides(
  _database: Database,
  _told: readonly ToldProvides[],
): Promise<{ tenantId: string; deviceId: string }[]> {
  throw new Error('follows');
}
