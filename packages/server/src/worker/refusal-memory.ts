/** Which refusals were told lately: whoever goes over a limit does so with every report, and is told now and then. */
import { REFUSAL_TOLD_MS, REFUSALS_KNOWN_MAX } from '../limits.ts';
import type { StatusRefusal } from '../store/status.ts';

/** Says whether a refusal is to be told now. */
export function createRefusalMemory(nowMs: () => number): (refusal: StatusRefusal) => boolean {
  const toldMs = new Map<string, number>();
  return ({ deviceId, source, excess }) => {
    // Of too many sources one stands for all: a gateway may make up new ones without end.
    const key = `${deviceId} ${excess} ${excess === 'metrics' ? source : ''}`;
    const last = toldMs.get(key);
    if (last !== undefined && nowMs() - last < REFUSAL_TOLD_MS) return false;
    if (toldMs.size >= REFUSALS_KNOWN_MAX) toldMs.clear();
    toldMs.set(key, nowMs());
    return true;
  };
}
