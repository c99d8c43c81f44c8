/** Ends snoozes when their time is over: the house is as red again as it is. */
import { endSnoozes } from '../store/alert-snoozes.ts';
import { announceAlerts, announceIncidents } from '../bus/announce.ts';
import type { WriterParts } from './up-writer.ts';

export function createSnoozeWatch({ store, bus }: Pick<WriterParts, 'store' | 'bus'>): () => Promise<void> {
  return async () => {
    const outcome = await endSnoozes(store);
    announceAlerts(bus, outcome);
    announceIncidents(bus, outcome.incidents);
  };
}
