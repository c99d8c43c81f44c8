/** Values that are not as the schemas say, as the caller is told: an error for each key. */
import type { ConfigurationValues } from '@lovely/api';
import { LovelyError } from '../errors.ts';

/** Those that are new or others: what was taken once is not refused because the schema changed since. */
export function changedValues(before: ConfigurationValues, values: ConfigurationValues): ConfigurationValues {
  return Object.fromEntries(
    Object.entries(values).filter(([key, value]) => !Object.hasOwn(before, key) || before[key] !== value),
  );
}

/** Throws 'bad-input' unless nothing is wrong. */
export function refuseWrong(wrong: ReadonlyMap<string, string>): void {
  const errors = [...wrong].map(([key, detail]) => ({ pointer: `/values/${pointerPart(key)}`, detail }));
  const [first] = errors;
  if (!first) return;
  const [[key, detail]] = [...wrong] as [[string, string]];
  throw new LovelyError('bad-input', `${key}: ${detail}`, { pointer: first.pointer, errors });
}

/** As RFC 6901 writes the name of a member. */
function pointerPart(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
