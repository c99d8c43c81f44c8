/** What an alert says: the values at hand by name, and the rule's template with what is in braces filled in. */
import { TEXT_LENGTH_MAX, type DeviceRule, type MetricValue } from '@lovely/protocol';
import { starNoun } from '../metrics.ts';

export type AlertValues = { readonly [name: string]: MetricValue };

/**
 * For `disk./data.usedPercent` under `disk.*.usedPercent`: {value, usedPercent, mount: '/data', metric}. The metric's last
 * part names the value, and the catalogue says what the star is.
 */
export function metricValues(rule: DeviceRule, metric: string, star: string, value: MetricValue): AlertValues {
  const name = rule.metric.slice(rule.metric.lastIndexOf('.') + 1);
  return {
    value,
    metric,
    ...(star === '' ? {} : { [starNoun(rule.metric)]: star }),
    ...(name.includes('*') ? {} : { [name]: value }),
  };
}

export function targetValues(target: string, state: string): AlertValues {
  return { target, state };
}

/**
 * Fills `{name}` with the value of that name, {source} with what the alert is about and {raiseAt} with the rule's limit;
 * what isn't known stays as it is.
 */
export function describe(rule: DeviceRule, source: string, values: AlertValues): string {
  const known = new Map<string, MetricValue>([
    ['source', source],
    ['raiseAt', rule.raiseAt],
    ['clearAt', rule.clearAt],
    ...Object.entries(values),
  ]);
  return rule.description
    .replace(/\{([^{}]+)\}/g, (whole, name: string) => String(known.get(name) ?? whole))
    .slice(0, TEXT_LENGTH_MAX);
}
