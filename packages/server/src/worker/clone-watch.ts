/** Closes the alert of a cloned key once the device stays in one place. */
import { closeQuietClones } from '../store/clones.ts';
import { announceAlerts } from '../bus/announce.ts';
import type { WriterParts } from './up-writer.ts';

export function createCloneWatch({ store, bus }: WriterParts, quietMs: number): () => Promise<void> {
  return async () => announceAlerts(bus, await closeQuietClones(store, quietMs));
}
