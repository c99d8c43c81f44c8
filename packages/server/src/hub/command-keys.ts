/** The keys that sign commands, as devices are told them; kept for a moment, so that a storm of connections asks once. */
import type { CommandKey } from '@lovely/protocol';
import { COMMAND_KEYS_FRESH_MS } from '../limits.ts';

export function createCommandKeys(read: () => Promise<CommandKey[]>, nowMs: () => number): () => Promise<CommandKey[]> {
  let known: { readonly untilMs: number; readonly keys: Promise<CommandKey[]> } | undefined;
  return () => {
    if (known && known.untilMs > nowMs()) return known.keys;
    const before = known;
    const keys = read();
    known = { untilMs: nowMs() + COMMAND_KEYS_FRESH_MS, keys };
    keys.catch(() => (known = before));
    return keys;
  };
}
