/** The metric by which an alert was noticed. */
import type { Alert, Rule } from '@lovely/api';

export interface AlertMetric {
  /** '' is the gateway, else a sensor. */
  readonly source: string;
  readonly name: string;
}

/** Undefined for what is seen by something else than a value, e.g. a line in a log. */
export function alertMetric(
  { source }: Pick<Alert, 'source'>,
  { watch, of }: Pick<Rule, 'watch' | 'of'>,
): AlertMetric | undefined {
  if (!('metric' in watch) || watch.metric === '' || watch.kind === 'absence') return undefined;
  if (of.kind === 'sensors') return { source, name: watch.metric };
  // What the star stood for is the source of the alert.
  return { source: '', name: watch.metric.replace('*', () => source) };
}
