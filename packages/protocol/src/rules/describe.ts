/** What an alert says: the values at hand by name, and the rule's template with what is in braces filled in. */
import { TEXT_LENGTH_MAX } from '../limits.ts';
import type { DeviceRule } from '../messages/alert-rules.ts';
import type { MetricValue } from '../messages/status.ts';
import { starNoun } from './metric-pattern.ts';

export type AlertValues = { readonly [name: string]: MetricValue };

/** How long a text in an alert's values may be. */
const VALUE_LENGTH_MAX = 256;

/**
 * For `disk./data.usedPercent` under `disk.*.usedPercent`: {value, usedPercent, mount: '/data', metric}. The metric's last
 * part names the value, and the catalogue says what the star is.
 */
export function metricValues(pattern: string, metric: string, star: string, value: MetricValue): AlertValues {
  const name = pattern.slice(pattern.lastIndexOf('.') + 1);
  const short = shorten(value);
  return {
    value: short,
    metric,
    ...(star === '' ? {} : { [starNoun(pattern)]: shorten(star) }),
    ...(name === '' || name.includes('*') ? {} : { [name]: short }),
  };
}

export function shorten(value: MetricValue): MetricValue {
  return typeof value === 'string' ? value.slice(0, VALUE_LENGTH_MAX) : value;
}

/**
 * Fills `{name}` with the value of that name, {source} with what the alert is about and {raiseAt} and the like with the
 * rule's own; what isn't known stays as it is.
 */
export function describeAlert(
  { description, watch }: Pick<DeviceRule, 'description' | 'watch'>,
  source: string,
  values: AlertValues,
): string {
  const known = new Map<string, unknown>([['source', source], ...Object.entries(watch), ...Object.entries(values)]);
  return description
    .replace(/\{([^{}]+)\}/g, (whole, name: string) => textOf(known.get(name)) ?? whole)
    .slice(0, TEXT_LENGTH_MAX);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(Math.round(value * 100) / 100);
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : undefined;
}
