/** Finds hubs that were lost with their devices, and gateways that stay away: each is an open alert then. */
import type { DisconnectReason } from '@lovely/api';
import { DEFAULT_RULES, OFFLINE_RULE } from '../domain/default-rules.ts';
import { fillTemplate } from '../domain/rule.ts';
import { BATCH_MESSAGES_MAX } from '../limits.ts';
import { listAwayDevices, raiseOffline, reapLostHubs, type AwayDevice } from '../store/presence.ts';
import { announceAlerts, announcePresence } from './announce.ts';
import type { WriterParts } from './up-writer.ts';

/** Why a connection ended, in words that end a sentence. */
const LAST_WORDS: Record<DisconnectReason, string> = {
  closed: 'it closed the connection itself',
  timeout: 'it fell silent',
  replaced: 'a newer connection took over',
  drained: 'the server asked it to come back later',
  'rebooting-for-update': 'it was rebooting for an update',
  revoked: 'its key was revoked',
  'hub-lost': 'the server it was connected to stopped',
  'protocol-error': 'it sent what is not the protocol',
};

const TEMPLATE = DEFAULT_RULES.find((rule) => rule.key === OFFLINE_RULE)!.description;

export function createOfflineWatch({ store, bus, log }: WriterParts, offlineAfterMs: number): () => Promise<void> {
  const startedMs = Date.now();
  return async () => {
    const lost = await reapLostHubs(store);
    if (lost.length > 0) log.warn({ devices: lost.length }, 'a hub was lost; its devices count as disconnected');
    announcePresence(bus, lost);
    // After a stop of our own everybody has been away: they get as long to come back as from a loss of their own.
    if (Date.now() - startedMs < offlineAfterMs) return;
    const away = await listAwayDevices(store.database, offlineAfterMs, BATCH_MESSAGES_MAX);
    if (away.length > 0) announceAlerts(bus, await raiseOffline(store, away, describe));
  };
}

function describe({ since, reason }: AwayDevice): { description: string; values: Record<string, string> } {
  const values = {
    since: `${since.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    reason: reason ? LAST_WORDS[reason] : 'none',
  };
  return { description: fillTemplate(TEMPLATE, values), values };
}
