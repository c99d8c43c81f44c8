/**
 * Evaluates the rules that are for the server: on last values, for devices that can't do it themselves, as those of
 * Mender, and for what a device can't know. One worker at a time does a tenant; what it must remember is in a table, so
 * that any other goes on with it. Alerts come first and the memory second: what a crash parts is raised once more, and
 * counted.
 */
import { evaluate, type DeviceRule } from '@lovely/protocol';
import { doForEach } from '../background-task.ts';
import { deviceRule, type StoredRule } from '../domain/rule.ts';
import {
  DELETED_RULES_KEPT_MS,
  OPEN_ALERTS_OF_SOURCE_MAX,
  RULE_WATCH_CLEARS_MAX,
  RULE_WATCH_DEVICES,
} from '../limits.ts';
import { applyAlertEvents, type AlertEvent } from '../store/alerts.ts';
import {
  closeDeletedRules,
  memoryOf,
  NO_MEMORY,
  readFacts,
  readMemories,
  saveMemories,
  stateOf,
  takeOutsiders,
  takeStrays,
  takeTurn,
  type RuleMemory,
  type StrayAlerts,
} from '../store/rule-memories.ts';
import { listTargetDevices } from '../store/rule-targets.ts';
import { listEvaluatedRules, listTenantsToEvaluate } from '../store/rules.ts';
import type { Database } from '../store/store.ts';
import { announceAlerts } from '../bus/announce.ts';
import type { WriterParts } from './up-writer.ts';

export function createRuleWatch({ store, bus }: Pick<WriterParts, 'store' | 'bus'>): () => Promise<void> {
  return async () => {
    announceAlerts(bus, await closeDeletedRules(store, DELETED_RULES_KEPT_MS, RULE_WATCH_CLEARS_MAX));
    await clear(await takeStrays(store.database, RULE_WATCH_CLEARS_MAX));
    await doForEach(await listTenantsToEvaluate(store.database), async (tenantId) => {
      const rules = await listEvaluatedRules(store.database, tenantId, 'server');
      await doForEach(rules, async (rule) => {
        const told = deviceRule({ ...rule, evaluatedBy: 'device' });
        if (told) await watch(tenantId, rule, told);
      });
    });
  };

  async function watch(tenantId: string, rule: StoredRule, told: DeviceRule): Promise<void> {
    await clear(await takeOutsiders(store.database, tenantId, rule, RULE_WATCH_CLEARS_MAX));
    let after: string | undefined;
    do {
      const devices = await listTargetDevices(store.database, tenantId, { kind: 'all' }, rule, {
        after,
        limit: RULE_WATCH_DEVICES,
      });
      if (devices.length === 0) return;
      const ids = devices.map(({ id }) => id);
      const isMine = await store.database.transaction().execute(async (transaction) => {
        if (!(await takeTurn(transaction, tenantId))) return false;
        await look(transaction, tenantId, told, ids);
        return true;
      });
      // Another worker is at it.
      if (!isMine) return;
      after = devices.length === RULE_WATCH_DEVICES ? ids.at(-1) : undefined;
    } while (after !== undefined);
  }

  async function look(database: Database, tenantId: string, rule: DeviceRule, deviceIds: string[]): Promise<void> {
    const memories = await readMemories(database, tenantId, rule.key, deviceIds);
    const changed = new Map<string, RuleMemory | undefined>();
    const events: AlertEvent[] = [];
    const now = new Date();
    for (const { deviceId, isAway, facts } of await readFacts(database, tenantId, rule.of, deviceIds)) {
      // That nothing comes of a house that is away is one problem, and that one is known.
      if (isAway && rule.watch.kind === 'absence') continue;
      const before = memories.get(deviceId);
      const state = stateOf(rule.key, before ?? NO_MEMORY);
      const evaluated = evaluate(state, [rule], facts, now.getTime(), OPEN_ALERTS_OF_SOURCE_MAX);
      const memory = memoryOf(rule, evaluated.state);
      if (JSON.stringify(memory) !== JSON.stringify(before)) changed.set(deviceId, memory);
      for (const { name, ...change } of evaluated.changes)
        events.push(
          change.kind === 'raise'
            ? { deviceId, ts: now, ...name, ...change }
            : { deviceId, ts: now, ...name, kind: 'clear' },
        );
    }
    if (events.length > 0) announceAlerts(bus, await applyAlertEvents(store, events));
    await saveMemories(database, tenantId, rule.key, changed);
  }

  async function clear(strays: readonly StrayAlerts[]): Promise<void> {
    const ts = new Date();
    const events = strays.flatMap(({ deviceId, key, sources }) =>
      sources.map((source): AlertEvent => ({ kind: 'clear', deviceId, ts, source, rule: key })),
    );
    if (events.length > 0) announceAlerts(bus, await applyAlertEvents(store, events));
  }
}
