import { readFileSync } from 'node:fs';
import { rounded, type Source, type Values } from './source.ts';

export const readLoad: Source = () => parseLoad(readFileSync('/proc/loadavg', 'utf8'));

export function parseLoad(text: string): Values {
  const [one, , fifteen] = text.split(' ');
  return { 'load.1m': rounded(Number(one), 2), 'load.15m': rounded(Number(fifteen), 2) };
}
