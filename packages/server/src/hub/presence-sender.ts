/**
 * Tells the workers who came and went, and tells them again until one says that it is stored: presence can't be wrong
 * for long because a message was lost. Of one device only the newest change waits, so an outage costs bounded memory.
 */
import type { Bus } from '../bus/bus.ts';
import { presence, type PresenceChange } from '../bus/subjects.ts';
import { ask } from '../bus/topic.ts';
import { BUS_BATCH_ITEMS_MAX, BATCH_RETRY_MS, CLAIM_FLUSH_MS, PRESENCE_TIMEOUT_MS } from '../limits.ts';
import type { Log } from '../log.ts';

export interface PresenceSender {
  add(change: PresenceChange): void;
  /** Sends what waits; gives up when `signal` fires. */
  close(signal: AbortSignal): Promise<void>;
}

export function createPresenceSender(bus: Bus, log: Log): PresenceSender {
  const waiting = new Map<string, PresenceChange>();
  const giveUp = new AbortController();
  let running: Promise<void> | undefined;
  let closing = false;

  function add(change: PresenceChange): void {
    if (giveUp.signal.aborted) return;
    const before = waiting.get(change.device);
    // The end of an older connection, told late, must not hide that a newer one has begun.
    if (before && before.epoch > change.epoch) return;
    // A connection says hello after it opened: what it said must not be lost when both wait.
    waiting.set(change.device, before?.epoch === change.epoch ? { ...saidBefore(before), ...change } : change);
    running ??= run();
  }

  /** What is said once in the life of a connection. */
  function saidBefore({ client, instance, address }: PresenceChange): Partial<PresenceChange> {
    return { ...(client ? { client } : {}), ...(instance ? { instance } : {}), ...(address ? { address } : {}) };
  }

  async function run(): Promise<void> {
    while (waiting.size > 0 && !giveUp.signal.aborted) {
      if (!closing) await Bun.sleep(CLAIM_FLUSH_MS);
      const batch = [...waiting.values()].slice(0, BUS_BATCH_ITEMS_MAX);
      try {
        await ask(bus, presence, batch, { timeoutMs: PRESENCE_TIMEOUT_MS, signal: giveUp.signal });
        for (const change of batch) if (waiting.get(change.device) === change) waiting.delete(change.device);
      } catch (error) {
        if (giveUp.signal.aborted) break;
        log.warn({ error, changes: waiting.size }, 'no worker stored the presence changes; they are sent again');
        await Bun.sleep(BATCH_RETRY_MS);
      }
    }
    running = undefined;
  }

  return {
    add,
    async close(signal) {
      closing = true;
      signal.addEventListener('abort', () => giveUp.abort(), { once: true });
      await running;
      giveUp.abort();
    },
  };
}
