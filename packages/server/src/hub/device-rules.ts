/**
 * The rules that each device is told, kept for a while so that a storm of connections asks the database once a tenant.
 * Only where a tenant has rules for some houses, it is also asked which of them a device gets, for many devices at once.
 */
import { createHash } from 'node:crypto';
import type { DeviceRule } from '@lovely/protocol';
import { deviceRule, type StoredRule } from '../domain/rule.ts';
import { RULES_ASK_DEVICES_MAX, RULES_ASK_MS, RULES_FRESH_MS } from '../limits.ts';

export interface DeviceRules {
  /** Names this set of rules: equal rules have an equal version. */
  readonly version: string;
  readonly rules: readonly DeviceRule[];
}

export interface RuleSource {
  /** The rules of a tenant that devices evaluate. */
  listRules(tenantId: string): Promise<StoredRule[]>;
  /** Whether a rule is for every house. */
  isForAll(rule: StoredRule): boolean;
  /** The keys of those of these rules that each of these devices gets. */
  rulesByDevice(
    tenantId: string,
    rules: readonly StoredRule[],
    deviceIds: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
}

export interface RuleSets {
  /** What to tell a device. */
  of(tenantId: string, deviceId: string): Promise<DeviceRules>;
  /** Whether what is told depends on the device, as far as is known. */
  isByDevice(tenantId: string): boolean;
  /** The rules of a tenant have changed. */
  forget(tenantId: string): void;
}

/** While the rules can't be read, those known before go on: a device without any would watch nothing. */
export function createRuleSets(source: RuleSource, nowMs: () => number): RuleSets {
  const cache = new Map<string, Cached>();

  function tenantRules(tenantId: string): Promise<TenantRules> {
    const before = cache.get(tenantId);
    if (before && before.untilMs > nowMs()) return before.rules;
    const known = before?.known;
    const entry: Cached = {
      untilMs: nowMs() + RULES_FRESH_MS,
      known,
      rules: source.listRules(tenantId).then(
        (rules) => (entry.known = new TenantRules(source, tenantId, rules)),
        (error: unknown) => {
          // The next who comes reads again.
          entry.untilMs = 0;
          if (known) return known;
          throw error;
        },
      ),
    };
    cache.set(tenantId, entry);
    return entry.rules;
  }

  return {
    of: async (tenantId, deviceId) => await (await tenantRules(tenantId)).of(deviceId),
    isByDevice: (tenantId) => cache.get(tenantId)?.known?.isByDevice ?? false,
    forget(tenantId) {
      const known = cache.get(tenantId);
      if (known) known.untilMs = 0;
    },
  };
}

interface Cached {
  untilMs: number;
  readonly rules: Promise<TenantRules>;
  /** The last that could be read. */
  known: TenantRules | undefined;
}

/** The rules of one tenant at one moment. */
class TenantRules {
  readonly #source: RuleSource;
  readonly #tenantId: string;
  readonly #rules: readonly StoredRule[];
  readonly #targeted: readonly StoredRule[];
  /** Devices with the same rules share one set. */
  readonly #sets = new Map<string, DeviceRules>();
  #asking: { readonly deviceIds: Set<string>; readonly answer: ReturnType<RuleSource['rulesByDevice']> } | undefined;

  constructor(source: RuleSource, tenantId: string, rules: readonly StoredRule[]) {
    this.#source = source;
    this.#tenantId = tenantId;
    this.#rules = rules;
    this.#targeted = rules.filter((rule) => !source.isForAll(rule));
  }

  get isByDevice(): boolean {
    return this.#targeted.length > 0;
  }

  async of(deviceId: string): Promise<DeviceRules> {
    return this.#setOf(this.isByDevice ? ((await this.#ask(deviceId)).get(deviceId) ?? NONE) : NONE);
  }

  /** Those who ask within a moment are asked for together. */
  #ask(deviceId: string): ReturnType<RuleSource['rulesByDevice']> {
    if (!this.#asking || this.#asking.deviceIds.size >= RULES_ASK_DEVICES_MAX) {
      const deviceIds = new Set<string>();
      const asking = {
        deviceIds,
        answer: Bun.sleep(RULES_ASK_MS).then(() => {
          if (this.#asking === asking) this.#asking = undefined;
          return this.#source.rulesByDevice(this.#tenantId, this.#targeted, [...deviceIds]);
        }),
      };
      this.#asking = asking;
    }
    this.#asking.deviceIds.add(deviceId);
    return this.#asking.answer;
  }

  #setOf(targeted: ReadonlySet<string>): DeviceRules {
    const key = [...targeted].sort().join(' ');
    let set = this.#sets.get(key);
    if (!set) {
      const told = this.#rules.filter((rule) => targeted.has(rule.key) || !this.#targeted.includes(rule));
      this.#sets.set(key, (set = forDevices(told)));
    }
    return set;
  }
}

const NONE: ReadonlySet<string> = new Set();

function forDevices(all: readonly StoredRule[]): DeviceRules {
  const rules = all.map(deviceRule).filter((rule) => rule !== undefined);
  return { version: createHash('sha256').update(JSON.stringify(rules)).digest('hex').slice(0, 16), rules };
}
