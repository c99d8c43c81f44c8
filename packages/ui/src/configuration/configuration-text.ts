/** Configuration in words. */
import type { AuditEntry, ConfigurationFormField, ConfigurationState, ConfigurationValues } from '@lovely/api';
import { CircleCheck, CircleDashed, Hourglass, TriangleAlert, Undo2, Unplug, type LucideIcon } from 'lucide-react';
import { durationText } from '../format/duration.ts';
import type { Tone } from '../parts/Chip.tsx';

export type Value = ConfigurationValues[string];

/** A value as people read it, with its unit. */
export function valueText(value: Value, field?: Pick<ConfigurationFormField, 'type' | 'unit' | 'choices'>): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (field?.type === 'duration' && typeof value === 'number')
    return value < 1000 ? `${value} ms` : durationText(value);
  const title = field?.choices.find((choice) => choice.value === value)?.title;
  if (title) return title;
  if (value === '') return 'empty';
  return field && field.unit !== '' ? `${value} ${field.unit}` : String(value);
}

export const STATES: Readonly<
  Record<ConfigurationState, { readonly label: string; readonly tone: Tone; readonly icon: LucideIcon }>
> = {
  none: { label: 'Nothing is set', tone: 'offline', icon: CircleDashed },
  current: { label: 'As it should be', tone: 'ok', icon: CircleCheck },
  waiting: { label: 'Waiting for the house', tone: 'pending', icon: Hourglass },
  confirming: { label: 'Being tried', tone: 'pending', icon: Hourglass },
  reverted: { label: 'Went back by itself', tone: 'warn', icon: Undo2 },
  failed: { label: 'Could not be applied', tone: 'warn', icon: TriangleAlert },
  differs: { label: 'Has other values', tone: 'warn', icon: Unplug },
};

export const REVERT_REASONS = {
  'no-connection': 'With the new values it lost the connection, or could not get it back in time.',
  restarts: 'With the new values its client stopped several times.',
  failed: 'The new values could not be applied.',
} as const;

/** By whole key. */
export type Fields = ReadonlyMap<string, ConfigurationFormField>;

const NO_FIELDS: Fields = new Map();

export function fieldsByKey(fields: readonly ConfigurationFormField[] | undefined): Fields {
  return new Map(fields?.map((field) => [field.key, field]));
}

/** What people call a key: "Heating: hot water"; the key itself where no field or two fields are called so. */
function nameOf(key: string, fields: Fields): string {
  const field = fields.get(key);
  if (!field) return key;
  const called = (one: ConfigurationFormField): string => (one.sensor ? `${one.sensor.name}: ${one.title}` : one.title);
  const name = called(field);
  return [...fields.values()].some((other) => other.key !== key && called(other) === name) ? `${name} (${key})` : name;
}

/** What is different between two sets of values, for a table of changes. */
export function changesBetween(
  before: ConfigurationValues,
  after: ConfigurationValues,
  fields: Fields = NO_FIELDS,
): NonNullable<AuditEntry['change']> {
  const text = (key: string, value: Value | undefined): string | null =>
    value === undefined ? null : valueText(value, fields.get(key));
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return Object.fromEntries(
    keys
      .filter((key) => before[key] !== after[key])
      .map((key) => [nameOf(key, fields), { before: text(key, before[key]), after: text(key, after[key]) }]),
  );
}
