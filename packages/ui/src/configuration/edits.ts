/** Changes of values that are not applied yet: over whatever is set meanwhile. */
import { ApiError, type ConfigurationFormField, type ConfigurationValues } from '@lovely/api';
import { plural } from '../format/number.ts';
import type { Fields, Value } from './configuration-text.ts';

/** By key: another value, or null to take it away. */
export type Edits = ReadonlyMap<string, Value | null>;

export const NO_EDITS: Edits = new Map();

/** Without edits that change nothing. */
export function edit(edits: Edits, own: ConfigurationValues, key: string, value: Value | null): Edits {
  const next = new Map(edits);
  if ((Object.hasOwn(own, key) ? own[key] : null) === value) next.delete(key);
  else next.set(key, value);
  return next;
}

export function withEdits(own: ConfigurationValues, edits: Edits): ConfigurationValues {
  const next = new Map(Object.entries(own));
  for (const [key, value] of edits) {
    if (value === null) next.delete(key);
    else next.set(key, value);
  }
  return Object.fromEntries(next);
}

const BLANK_DURATION_MS = 30_000;

/** Where one begins who sets a value that nobody has set. */
export function blankValue(field: ConfigurationFormField | undefined): Value {
  if (field?.default != null) return field.default;
  switch (field?.type) {
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return field.min ?? 0;
    case 'duration':
      return Math.min(Math.max(BLANK_DURATION_MS, field.min ?? 0), field.max ?? Infinity);
    case 'choice':
      return field.choices[0]?.value ?? '';
    default:
      return '';
  }
}

/** What is wrong with edits before the server says so: numbers that are not there yet, and what a field's limits say. */
export function checkEdits(edits: Edits, fields: Fields): Map<string, string> {
  const wrong = new Map<string, string>();
  for (const [key, value] of edits) {
    const field = fields.get(key);
    if (typeof value === 'string' && field?.lengthMax != null && value.length > field.lengthMax)
      wrong.set(key, `This is too long: at most ${plural(field.lengthMax, 'character')}.`);
    if (typeof value !== 'number') continue;
    if (Number.isNaN(value)) wrong.set(key, 'A number is missing.');
    else if (field?.type === 'integer' && !Number.isInteger(value)) wrong.set(key, 'A whole number.');
    else if (field?.min != null && value < field.min) wrong.set(key, `At least ${limitText(field, field.min)}.`);
    else if (field?.max != null && value > field.max) wrong.set(key, `At most ${limitText(field, field.max)}.`);
  }
  return wrong;
}

function limitText({ type, unit }: ConfigurationFormField, limit: number): string {
  return type === 'duration' ? `${limit / 1000} s` : unit === '' ? String(limit) : `${limit} ${unit}`;
}

/** By key, what the server said is wrong with each value. */
export function serverErrors(error: unknown): Map<string, string> {
  const errors = error instanceof ApiError ? (error.problem.errors ?? []) : [];
  return new Map(
    errors
      .filter(({ pointer }) => pointer.startsWith('/values/'))
      .map(({ pointer, detail }) => [pointer.slice(8).replaceAll('~1', '/').replaceAll('~0', '~'), detail]),
  );
}
