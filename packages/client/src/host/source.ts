/** A source of figures about the host: one file each. */
import { readdirSync, readFileSync } from 'node:fs';
import type { MetricValue } from '@lovely/protocol';

export type Values = { readonly [metric: string]: MetricValue };

/** Reads figures now; throws or rejects where they can't be read, and answers {} where the host has none. */
export type Source = () => Values | Promise<Values>;

/** The folder's entries, or none when there is no such folder. */
export function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The file's text, or undefined when it can't be read: sysfs files come, go and refuse as hardware pleases. */
export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Fewer digits travel cheaper and change less often. */
export function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
