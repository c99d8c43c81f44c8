/** Runs fixes by themselves where somebody has said that they may. */
import { FIX_AUTOMATIC_REST_MS } from '../../limits.ts';
import { listAutomaticFixes, startAutomaticRuns } from '../../store/automatic-fixes.ts';
import type { WriterParts } from '../up-writer.ts';
import { announceFixRuns } from './announce-fix-runs.ts';

export function createAutomaticFixes({ store, bus, log }: WriterParts): () => Promise<void> {
  const { database } = store;
  /** Alerts that could not be fixed, and until when they are left alone. */
  const resting = new Map<string, number>();
  return async () => {
    for (const [alertId, untilMs] of resting) if (untilMs <= Date.now()) resting.delete(alertId);
    for (const fix of await listAutomaticFixes(database)) {
      const { started, refused } = await startAutomaticRuns(database, fix, [...resting.keys()]);
      announceFixRuns(bus, started);
      for (const { alertId, reason } of refused) {
        log.warn({ fix: fix.id, alert: alertId, reason }, 'a fix could not be run by itself');
        resting.set(alertId, Date.now() + FIX_AUTOMATIC_REST_MS);
      }
    }
  };
}
