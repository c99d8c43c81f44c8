/** The names that may stand in braces in the texts of a rule, and what the system puts there when the alert is raised. */
import type { RuleDraft, Watch } from '@lovely/api';
import { starNoun } from '@lovely/protocol';

const OF_METRIC = ['value', 'metric'] as const;

/** Beside what is measured; the figures of the rule itself, as {raiseAt}, are known too. */
const OF_KIND: { readonly [K in Watch['kind']]: readonly string[] } = {
  threshold: OF_METRIC,
  rate: [...OF_METRIC, 'change'],
  state: OF_METRIC,
  absence: [...OF_METRIC, 'minutes'],
  flapping: [...OF_METRIC, 'changes'],
  service: ['target', 'state'],
  log: ['line', 'value'],
  signal: ['value'],
  offline: ['since', 'reason'],
  clone: ['places'],
  configuration: ['version', 'reason'],
};

/** The names that people are offered, without braces. */
export function placeholdersOf({ watch, of }: Pick<RuleDraft, 'watch' | 'of'>): string[] {
  const metric = 'metric' in watch ? watch.metric : '';
  const isOfSensors = of.kind === 'sensors';
  return [
    ...(isOfSensors ? ['sensor'] : []),
    ...OF_KIND[watch.kind],
    ...(!isOfSensors && metric.includes('*') ? [starNoun(metric)] : []),
    'source',
  ];
}

/** What to say of the first name in braces in a text that nothing is known for: it would be read as it stands. */
export function placeholderProblem(
  text: string,
  rule: Pick<RuleDraft, 'watch' | 'of'>,
  others: readonly string[] = [],
): string | undefined {
  const name = unknownPlaceholder(text, rule, others);
  if (name === undefined) return undefined;
  const known = [...placeholdersOf(rule), ...others].map((each) => `{${each}}`);
  return `Nothing is known for {${name}}. Take one of ${known.join(' ')}, or leave out the braces.`;
}

function unknownPlaceholder(
  text: string,
  rule: Pick<RuleDraft, 'watch' | 'of'>,
  others: readonly string[],
): string | undefined {
  const { watch } = rule;
  const metric = 'metric' in watch ? watch.metric : '';
  const known = new Set([
    ...placeholdersOf(rule),
    ...Object.entries(watch).flatMap(([name, value]) => (typeof value === 'object' ? [] : [name])),
    ...others,
    'target',
    // The last part of a metric names its value too.
    metric.slice(metric.lastIndexOf('.') + 1),
  ]);
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).find((name) => !known.has(name));
}
