/**
 * What rules say about the facts of now. Pure: the same state, facts and time give the same changes, on the device, in a
 * worker and over history (docs/decisions/0015-one-evaluation-of-rules.md).
 *
 * A rule looks at subjects: a metric of the gateway or of a sensor, a service, a log. What it sees of one is bad, good, or
 * neither; bad for `forMs` raises, good clears, and in between nothing changes. Of (rule, source) one alert is open. What
 * is no longer there, or no longer watched, is no problem any more.
 */
import type { DeviceRule } from '../messages/alert-rules.ts';
import type { Severity } from '../messages/alert.ts';
import { describeAlert, type AlertValues } from './describe.ts';
import type { Facts } from './facts.ts';
import { look } from './look.ts';
import type { Memory } from './memory.ts';
import { findSubjects } from './subjects.ts';

/** An open alert's name on one gateway; there is at most one for each. */
export interface AlertName {
  readonly rule: string;
  readonly source: string;
}

export interface RuleState {
  /** By `keyOf`. */
  readonly open: ReadonlyMap<string, AlertName>;
  readonly memories: ReadonlyMap<string, Memory>;
}

export const NO_STATE: RuleState = { open: new Map(), memories: new Map() };

export type AlertChange =
  | {
      readonly kind: 'raise';
      readonly name: AlertName;
      readonly severity: Severity;
      readonly description: string;
      readonly values: AlertValues;
    }
  | { readonly kind: 'clear'; readonly name: AlertName };

export interface Evaluation {
  readonly state: RuleState;
  /** What clears, then what raises. */
  readonly changes: readonly AlertChange[];
  /** When to evaluate again at the latest, though nothing new is told; Infinity where only news can change anything. */
  readonly dueMs: number;
}

/** @param openMax how many alerts may be open; what is bad beyond that waits until one clears */
export function evaluate(
  state: RuleState,
  rules: readonly DeviceRule[],
  facts: Facts,
  nowMs: number,
  openMax: number,
): Evaluation {
  const open = new Map(state.open);
  const memories = new Map<string, Memory>();
  const clears: AlertChange[] = [];
  const bad: Extract<AlertChange, { kind: 'raise' }>[] = [];
  const stays = new Set<string>();
  let dueMs = Infinity;
  for (const rule of rules) {
    for (const subject of findSubjects(rule, facts)) {
      const name = { rule: rule.key, source: subject.source };
      const key = keyOf(name);
      const sight = look(rule, subject, memoryOf(state.memories.get(key), rule.version, nowMs), nowMs);
      if (sight.dueMs !== undefined) dueMs = Math.min(dueMs, sight.dueMs);
      if (sight.condition !== 'good') stays.add(key);
      const { sinceMs = nowMs, ...memory } = sight.memory;
      memories.set(key, memory);
      if (sight.condition !== 'bad' || open.has(key)) continue;
      memories.set(key, { ...memory, sinceMs });
      const raiseMs = sinceMs + holdMs(rule);
      if (raiseMs > nowMs) dueMs = Math.min(dueMs, raiseMs);
      else
        bad.push({
          kind: 'raise',
          name,
          severity: rule.severity,
          description: describeAlert(rule, name.source, sight.values),
          values: sight.values,
        });
    }
  }
  for (const [key, name] of state.open) {
    if (stays.has(key)) continue;
    open.delete(key);
    clears.push({ kind: 'clear', name });
  }
  const raises = bad.slice(0, Math.max(openMax - open.size, 0));
  for (const { name } of raises) {
    const { sinceMs: _over, ...memory } = memories.get(keyOf(name))!;
    memories.set(keyOf(name), memory);
    open.set(keyOf(name), name);
  }
  return { state: { open, memories }, changes: [...clears, ...raises], dueMs };
}

export function keyOf({ rule, source }: AlertName): string {
  return `${rule}\0${source}`;
}

function memoryOf(known: Memory | undefined, version: number, nowMs: number): Memory {
  return known?.version === version ? known : { version, bornMs: nowMs };
}

/** How long something must be bad; an absence, a flapping and the like count the time themselves. */
function holdMs({ watch }: DeviceRule): number {
  switch (watch.kind) {
    case 'threshold':
    case 'rate':
    case 'state':
    case 'service':
      return watch.forMs;
    default:
      return 0;
  }
}
