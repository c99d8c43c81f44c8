/** The rules that devices are told, kept for a while so that a storm of connections asks the database once. */
import { createHash } from 'node:crypto';
import type { DeviceRule } from '@lovely/protocol';
import { deviceRule, type Rule } from '../domain/rule.ts';

export interface DeviceRules {
  /** Names this set of rules: equal rules have an equal version. */
  readonly version: string;
  readonly rules: readonly DeviceRule[];
}

const FRESH_MS = 30_000;

/**
 * A cache over `read`; callers that come while it is being read share the one answer. While it can't be read, the rules
 * known before go on: a device without any would watch nothing.
 */
export function createDeviceRules(
  read: (tenantId: string) => Promise<Rule[]>,
  nowMs: () => number,
): (tenantId: string) => Promise<DeviceRules> {
  const cache = new Map<string, { readonly untilMs: number; readonly rules: Promise<DeviceRules> }>();
  return (tenantId) => {
    const known = cache.get(tenantId);
    if (known && known.untilMs > nowMs()) return known.rules;
    const rules = read(tenantId).then(forDevices);
    cache.set(tenantId, { untilMs: nowMs() + FRESH_MS, rules });
    rules.catch(() => (known ? cache.set(tenantId, { ...known, untilMs: 0 }) : cache.delete(tenantId)));
    return known ? rules.catch(() => known.rules) : rules;
  };
}

function forDevices(all: readonly Rule[]): DeviceRules {
  const rules = all.map(deviceRule).filter((rule) => rule !== undefined);
  return { version: createHash('sha256').update(JSON.stringify(rules)).digest('hex').slice(0, 16), rules };
}
