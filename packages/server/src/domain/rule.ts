/** What to watch, and what to say about it. */
import type { RuleDraft } from '@lovely/api';
import type { DeviceRule } from '@lovely/protocol';

/** What people write of a rule, under the key that names it within its tenant. */
export interface Rule extends RuleDraft {
  readonly key: string;
}

export interface StoredRule extends Rule {
  readonly version: number;
}

/** The rule as a device is told it; undefined when the server watches it, or nobody does. */
export function deviceRule({
  evaluatedBy,
  enabled,
  key,
  version,
  severity,
  description,
  of,
  watch,
}: StoredRule): DeviceRule | undefined {
  if (evaluatedBy !== 'device' || !enabled || isServerOwn(watch)) return undefined;
  return { key, version, severity, description, of, watch };
}

type ServerWatch = Extract<Rule['watch'], { kind: 'offline' | 'clone' | 'configuration' }>;

/** Kinds that the server finds out by what it does anyway; only the rules that are built in have them. */
export function isServerOwn(watch: Rule['watch']): watch is ServerWatch {
  return watch.kind === 'offline' || watch.kind === 'clone' || watch.kind === 'configuration';
}

/** Fills {name} in a template with the values at hand; an unknown name stays as it is. */
export function fillTemplate(template: string, values: Readonly<Record<string, string | number | boolean>>): string {
  return template.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? String(Math.round(value * 10) / 10) : String(value);
  });
}
