import { readFileSync } from 'node:fs';
import { rounded, type Source, type Values } from './source.ts';

export const readMemory: Source = () => parseMemory(readFileSync('/proc/meminfo', 'utf8'));

export function parseMemory(text: string): Values {
  const bytes = new Map(
    [...text.matchAll(/^(\w+): +(\d+) kB$/gm)].map(([, name, kibibytes]) => [name, Number(kibibytes) * 1024]),
  );
  const total = bytes.get('MemTotal') ?? 0;
  const available = bytes.get('MemAvailable') ?? 0;
  const swap = bytes.get('SwapTotal') ?? 0;
  return {
    'memory.usedPercent': percent(total - available, total),
    'memory.availableBytes': available,
    ...(swap > 0 ? { 'swap.usedPercent': percent(swap - (bytes.get('SwapFree') ?? 0), swap) } : {}),
  };
}

function percent(part: number, whole: number): number {
  return whole > 0 ? rounded((part / whole) * 100, 1) : 0;
}
