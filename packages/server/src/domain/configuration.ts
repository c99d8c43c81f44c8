/** What a house should be set to: its own values over those of its groups. Pure. */
import type { ConfigurationValues } from '@lovely/api';

/** What a group sets on its houses. */
export interface GroupValues {
  readonly id: string;
  readonly name: string;
  readonly priority: number;
  readonly values: ConfigurationValues;
}

/** By key, where a value comes from: a group's id, or null for the house itself. */
export type Origins = Readonly<Record<string, string | null>>;

export interface EffectiveConfiguration {
  readonly values: ConfigurationValues;
  readonly origins: Origins;
}

/** Of two groups the one with the higher number wins; of equal ones, the first by name. */
export function strongestFirst<G extends Pick<GroupValues, 'name' | 'priority'>>(groups: readonly G[]): G[] {
  return groups.toSorted((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** The house overrides its groups, key by key, and a stronger group a weaker one. The order of `groups` does not matter. */
export function effectiveConfiguration(
  own: ConfigurationValues,
  groups: readonly GroupValues[],
): EffectiveConfiguration {
  const values = new Map(Object.entries(own));
  const origins = new Map<string, string | null>([...values.keys()].map((key) => [key, null]));
  for (const group of strongestFirst(groups))
    for (const [key, value] of Object.entries(group.values)) {
      if (values.has(key)) continue;
      values.set(key, value);
      origins.set(key, group.id);
    }
  return { values: sorted(values), origins: sorted(origins) };
}

/** Whether two sets of values are the same, whatever the order of their keys. */
export function areSameValues(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key]);
}

function sorted<T>(entries: ReadonlyMap<string, T>): Record<string, T> {
  return Object.fromEntries([...entries].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
