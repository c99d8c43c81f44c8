import { readFileSync } from 'node:fs';
import type { Source } from './source.ts';

export const readUptime: Source = () => ({
  'uptime.seconds': Math.floor(parseFloat(readFileSync('/proc/uptime', 'utf8'))),
});
