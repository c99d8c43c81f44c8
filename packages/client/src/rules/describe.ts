/** An alert's text for people: the rule's template with what is in braces filled in. */
import { TEXT_LENGTH_MAX, type DeviceRule, type MetricValue } from '@lovely/protocol';

/**
 * `{metric}` names its value: the metric's own name, the rule's pattern, or `{value}`. `{source}` is what is bad (a mount
 * point, a service), `{raiseAt}` the rule's limit. What isn't known stays as it stands.
 */
export function describe(rule: DeviceRule, source: string, metric: string, value: MetricValue): string {
  const known = new Map<string, MetricValue>([
    ['source', source],
    ['target', source],
    ['raiseAt', rule.raiseAt],
    ['clearAt', rule.clearAt],
    ['value', value],
    ['state', value],
    [rule.metric, value],
    [metric, value],
  ]);
  const text = rule.description.replace(/\{([^{}]+)\}/g, (whole, name: string) => String(known.get(name) ?? whole));
  return text.slice(0, TEXT_LENGTH_MAX);
}
