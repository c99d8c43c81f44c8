/** Values of commands and configurations as people type them: numbers and true or false are what they look like. */
import type { FixValue } from '@lovely/api';

export function valueOf(text: string): FixValue {
  if (text === 'true') return true;
  if (text === 'false') return false;
  // Only what comes out as it went in: "007" and "1e3" stay texts.
  return Number.isFinite(Number(text)) && String(Number(text)) === text ? Number(text) : text;
}
