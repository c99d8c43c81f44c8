/** Runs fixes by themselves where somebody has said that they may. */
import { LovelyError } from '../../errors.ts';
import { FIX_AUTOMATIC_REST_MS } from '../../limits.ts';
import { listAutomaticFixes, startAutomaticRuns } from '../../store/automatic-fixes.ts';
import type { WriterParts } from '../up-writer.ts';
import { announceFixRuns } from './announce-fix-runs.ts';

export function createAutomaticFixes({ store, bus, log }: WriterParts): () => Promise<void> {
  const { database } = store;
  /** Fixes that could not be started, and until when they are left alone. */
  const resting = new Map<string, number>();
  return async () => {
    for (const fix of await listAutomaticFixes(database)) {
      if ((resting.get(fix.id) ?? 0) > Date.now()) continue;
      resting.delete(fix.id);
      try {
        announceFixRuns(bus, await startAutomaticRuns(database, fix));
      } catch (error) {
        if (!(error instanceof LovelyError)) throw error;
        log.warn({ fix: fix.id, reason: error.message }, 'a fix could not be run by itself');
        resting.set(fix.id, Date.now() + FIX_AUTOMATIC_REST_MS);
      }
    }
  };
}
