/** Finds hubs that were lost with their devices, and gateways that stay away: each is an open alert then. */
import { DEFAULT_RULES, OFFLINE_RULE } from '../domain/default-rules.ts';
import { lastWords } from '../domain/last-words.ts';
import { fillTemplate } from '../domain/rule.ts';
import { BATCH_MESSAGES_MAX, UPDATE_RESTART_MS } from '../limits.ts';
import { listAwayDevices, raiseOffline, reapLostHubs, type AwayDevice } from '../store/presence.ts';
import { announceAlerts, announcePresence } from '../bus/announce.ts';
import type { WriterParts } from './up-writer.ts';

const TEMPLATE = DEFAULT_RULES.find((rule) => rule.key === OFFLINE_RULE)!.description;

export function createOfflineWatch({ store, bus, log }: WriterParts, offlineAfterMs: number): () => Promise<void> {
  const startedMs = Date.now();
  return async () => {
    const lost = await reapLostHubs(store);
    if (lost.length > 0) log.warn({ devices: lost.length }, 'a hub was lost; its devices count as disconnected');
    announcePresence(bus, lost);
    // After a stop of our own everybody has been away: they get as long to come back as from a loss of their own.
    if (Date.now() - startedMs < offlineAfterMs) return;
    const away = await listAwayDevices(store.database, {
      afterMs: offlineAfterMs,
      restartMs: UPDATE_RESTART_MS,
      limit: BATCH_MESSAGES_MAX,
    });
    if (away.length > 0) announceAlerts(bus, await raiseOffline(store, away, describe));
  };
}

function describe({ since, reason }: AwayDevice): { description: string; values: Record<string, string> } {
  const values = {
    since: `${since.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    reason: lastWords(reason),
  };
  return { description: fillTemplate(TEMPLATE, values), values };
}
