/** What to watch, and what to say about it. */
import type { DeviceRule, Severity } from '@lovely/protocol';

export interface Rule {
  /** Unique within a tenant. */
  readonly key: string;
  readonly severity: Severity;
  readonly title: string;
  /** What is wrong on one device; {name} stands for a value at hand. */
  readonly description: string;
  readonly cause: string;
  /** Steps in plain words. */
  readonly suggestion: readonly string[];
  readonly watch: Watch;
}

/** Who finds out, and how: the device by itself (also without a network), or the server. */
export type Watch =
  | {
      readonly kind: 'threshold';
      readonly metric: string;
      readonly direction: 'above' | 'below';
      readonly raiseAt: number;
      readonly clearAt: number;
      readonly forMs: number;
    }
  | { readonly kind: 'service'; readonly targets: readonly string[]; readonly forMs: number }
  | { readonly kind: 'offline' }
  | { readonly kind: 'clone' };

/** The rule as a device is told it; undefined when the server watches it. */
export function deviceRule(rule: Rule): DeviceRule | undefined {
  const { key, severity, description, watch } = rule;
  const base = { key, severity, description };
  switch (watch.kind) {
    case 'threshold':
      return { ...base, ...watch, targets: [] };
    case 'service':
      return {
        ...base,
        kind: 'service',
        metric: '',
        direction: 'above',
        raiseAt: 0,
        clearAt: 0,
        forMs: watch.forMs,
        targets: [...watch.targets],
      };
    case 'offline':
    case 'clone':
      return undefined;
  }
}

/** Fills {name} in a template with the values at hand; an unknown name stays as it is. */
export function fillTemplate(template: string, values: Readonly<Record<string, string | number | boolean>>): string {
  return template.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? String(Math.round(value * 10) / 10) : String(value);
  });
}
