/** How fast a deployment goes, and when it may be over. */
import type { Deployment } from '@lovely/api';
import { toMs } from '../format/time.ts';
import { RATE_AFTER_MS } from '../limits.ts';

export interface Progress {
  readonly perMinute: number;
  /** Houses that are still to be through in this phase, and how long that takes when it goes on like this. */
  readonly left: number;
  readonly leftMs: number;
}

/**
 * From what the present phase has done so far: earlier ones were other houses at other times. Undefined while it does not
 * run, and until there is something to reckon with.
 */
export function progressOf(
  { state, phase: current, phases, waitsFor }: Pick<Deployment, 'state' | 'phase' | 'phases' | 'waitsFor'>,
  nowMs: number,
): Progress | undefined {
  const phase = phases[current];
  if (state !== 'running' || waitsFor !== null || phase === undefined || phase.startedAt === null) return undefined;
  const ms = nowMs - toMs(phase.startedAt);
  const through = phase.succeeded + phase.failed;
  if (through === 0 || ms < RATE_AFTER_MS) return undefined;
  const before = current === 0 ? 0 : (phases[current - 1]?.end ?? 0);
  const left = Math.max(0, phase.end - before - through);
  const perMs = through / ms;
  return { perMinute: perMs * 60_000, left, leftMs: left / perMs };
}
