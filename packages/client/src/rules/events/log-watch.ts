/**
 * Looks for a rule's pattern in the lines of a log. A line costs what its length and the pattern ask for, and all lines of
 * a second together no more than a bound: neither a pattern nor a flood of lines keeps the gateway busy.
 */
import { compilePattern, type DeviceWatch, type Pattern } from '@lovely/protocol';
import type { Clock } from '../../clock.ts';
import { LOG_MATCH_MS_PER_SECOND } from '../../limits.ts';
import type { Log } from '../../log.ts';
import { followFile } from './file-follower.ts';
import { followJournal } from './journal-follower.ts';

type LogWatch = Extract<DeviceWatch, { kind: 'log' }>;

/** Starts to follow; returns what ends that. */
export function watchLog(
  watch: LogWatch,
  folders: readonly string[],
  clock: Clock,
  log: Log,
  hit: (line: string) => void,
): () => void {
  const pattern = compilePattern(watch.pattern);
  if ('wrong' in pattern) {
    log.warn('a rule has a pattern that is none', { pattern: watch.pattern, wrong: pattern.wrong });
    return () => undefined;
  }
  const search = createSearch(pattern, watch.count, clock, hit);
  return watch.path === '' ? followJournal(watch.unit, clock, search) : followFile(watch.path, folders, clock, search);
}

/** @param hitsMax more in a second make no difference to the rule */
export function createSearch(
  pattern: Pattern,
  hitsMax: number,
  clock: Pick<Clock, 'monotonicMs'>,
  hit: (line: string) => void,
): (lines: readonly string[]) => void {
  let secondMs = -Infinity;
  let usedMs = 0;
  let hits = 0;
  return (lines) => {
    for (const line of lines) {
      const startedMs = clock.monotonicMs();
      if (startedMs - secondMs >= 1000) [secondMs, usedMs, hits] = [startedMs, 0, 0];
      if (usedMs >= LOG_MATCH_MS_PER_SECOND || hits >= hitsMax) continue;
      const fits = pattern.test(line);
      usedMs += clock.monotonicMs() - startedMs;
      if (!fits) continue;
      hits++;
      hit(line);
    }
  };
}
