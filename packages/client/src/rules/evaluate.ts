/**
 * What the rules say about the facts of now. Pure: the same state, facts and time give the same changes.
 *
 * A threshold rule raises when its metric has been at or beyond `raiseAt` for `forMs`, and clears when it is back at or
 * past `clearAt`; in between nothing changes. What is no longer there, or no longer watched, is no problem any more.
 */
import type { DeviceRule, MetricValue } from '@lovely/protocol';
import { matchMetric } from '../metrics.ts';
import { describe, metricValues, targetValues, type AlertValues } from './describe.ts';

export interface Facts {
  readonly values: { readonly [metric: string]: MetricValue };
  /** State of each service or process that a rule names. */
  readonly targets: ReadonlyMap<string, { readonly state: string; readonly isGood: boolean }>;
}

/** An open alert's name on this gateway; there is at most one for each. */
export interface AlertName {
  readonly rule: string;
  readonly source: string;
}

export interface RuleState {
  readonly open: ReadonlyMap<string, AlertName>;
  /** Since when, on the monotonic clock, something not yet open has been bad. */
  readonly badSinceMs: ReadonlyMap<string, number>;
}

export type AlertChange =
  | {
      readonly kind: 'raise';
      readonly name: AlertName;
      readonly severity: DeviceRule['severity'];
      readonly description: string;
      readonly values: AlertValues;
    }
  | { readonly kind: 'clear'; readonly name: AlertName };

export function evaluate(
  state: RuleState,
  rules: readonly DeviceRule[],
  facts: Facts,
  monotonicMs: number,
  openMax: number,
): { state: RuleState; changes: AlertChange[] } {
  const open = new Map(state.open);
  const badSinceMs = new Map<string, number>();
  const changes: AlertChange[] = [];
  const findings = new Map(rules.flatMap((rule) => find(rule, facts)).map((finding) => [keyOf(finding.name), finding]));
  for (const [key, name] of state.open) {
    const condition = findings.get(key)?.condition ?? 'good';
    if (condition !== 'good') continue;
    open.delete(key);
    changes.push({ kind: 'clear', name });
  }
  for (const [key, { rule, name, condition, values }] of findings) {
    if (open.has(key) || condition !== 'bad') continue;
    const sinceMs = state.badSinceMs.get(key) ?? monotonicMs;
    if (monotonicMs - sinceMs < rule.forMs || open.size >= openMax) {
      badSinceMs.set(key, sinceMs);
      continue;
    }
    open.set(key, name);
    changes.push({
      kind: 'raise',
      name,
      severity: rule.severity,
      description: describe(rule, name.source, values),
      values,
    });
  }
  return { state: { open, badSinceMs }, changes };
}

export function keyOf({ rule, source }: AlertName): string {
  return `${rule}\0${source}`;
}

interface Finding {
  readonly rule: DeviceRule;
  readonly name: AlertName;
  /** `between`: neither bad enough to raise nor good enough to clear. */
  readonly condition: 'bad' | 'between' | 'good';
  readonly values: AlertValues;
}

function find(rule: DeviceRule, facts: Facts): Finding[] {
  return rule.kind === 'threshold' ? findMetrics(rule, facts) : findTargets(rule, facts);
}

function findMetrics(rule: DeviceRule, { values }: Facts): Finding[] {
  return Object.entries(values).flatMap(([metric, value]) => {
    const source = matchMetric(rule.metric, metric);
    if (source === undefined || typeof value !== 'number') return [];
    const name = { rule: rule.key, source };
    return [{ rule, name, condition: compare(rule, value), values: metricValues(rule, metric, source, value) }];
  });
}

function findTargets(rule: DeviceRule, { targets }: Facts): Finding[] {
  return rule.targets.flatMap((source) => {
    const target = targets.get(source);
    if (target === undefined) return [];
    const condition = target.isGood ? 'good' : 'bad';
    return [{ rule, name: { rule: rule.key, source }, condition, values: targetValues(source, target.state) }];
  });
}

function compare({ direction, raiseAt, clearAt }: DeviceRule, value: number): Finding['condition'] {
  const sign = direction === 'above' ? 1 : -1;
  if (value * sign >= raiseAt * sign) return 'bad';
  return value * sign <= clearAt * sign ? 'good' : 'between';
}
