/** Stores who came and went; answers after the commit, so that the hub knows. */
import type { PresenceChange } from '../bus/subjects.ts';
import { applyPresence } from '../store/presence.ts';
import { announceAlerts, announcePresence } from '../bus/announce.ts';
import type { WriterParts } from './up-writer.ts';

export function createPresenceWriter(
  { store, bus }: WriterParts,
  cloneWindowMs: number,
): (batch: readonly PresenceChange[]) => Promise<number> {
  return async (batch) => {
    const outcome = await applyPresence(
      store,
      batch.map(({ device, hub, epoch, connected, ts, reason, client, instance, address }) => ({
        deviceId: device,
        hubId: hub,
        epoch,
        connected,
        ts: new Date(ts),
        reason: reason ?? null,
        client: client ?? null,
        instance,
        address,
      })),
      cloneWindowMs,
    );
    announcePresence(bus, outcome.presence);
    announceAlerts(bus, outcome);
    return batch.length;
  };
}
