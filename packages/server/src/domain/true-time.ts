/** When something that a gateway tells happened, though its clock may be wrong. */
import { TIME_AHEAD_MS_MAX, TIME_BEHIND_MS_MAX } from '../limits.ts';

/**
 * The time by the server's clock of what a gateway says happened at `tsMs`. A message may have waited since before its
 * clock went wrong or was set right, so where the correction leads astray its own word is taken; and where that can't be
 * either, the time of receipt.
 * @param clockOffsetMs what its clock lacks, where it is known to be wrong
 */
export function trueTime(tsMs: number, receivedMs: number, clockOffsetMs: number | undefined): number {
  const isPlausible = (ms: number): boolean =>
    ms <= receivedMs + TIME_AHEAD_MS_MAX && ms >= receivedMs - TIME_BEHIND_MS_MAX;
  const corrected = tsMs + (clockOffsetMs ?? 0);
  if (isPlausible(corrected)) return corrected;
  return isPlausible(tsMs) ? tsMs : receivedMs;
}
