/** Quiet hours: when they end, in the time zone that they are given in. Pure; the time is passed in. */
import type { QuietHours } from '@lovely/api';
import { DAY_MS, instantOf, localDay, weekdayOf } from './local-time.ts';

/** Quiet hours that begin where others end follow each other; whole days of a whole week never end. */
const CHAIN_MAX = 8;

/** When it stops being quiet; undefined when it isn't quiet. */
export function quietUntil(hours: QuietHours, now: Date): Date | undefined {
  let at = now;
  for (let count = 0; count < CHAIN_MAX; count++) {
    const end = endOfQuiet(hours, at);
    if (!end) break;
    at = end;
  }
  return at === now ? undefined : at;
}

/** The first moment that none of these is quiet; a critical alert passes those that it breaks through. */
export function heldUntil(all: readonly (QuietHours | null)[], isCritical: boolean, now: Date): Date {
  const holding = all.filter((hours) => hours !== null && !(isCritical && hours.criticalBreaksThrough));
  let at = now;
  for (let count = 0; count < CHAIN_MAX; count++) {
    const end = holding.map((hours) => quietUntil(hours!, at)).find((one) => one !== undefined);
    if (!end) break;
    at = end;
  }
  return at;
}

function endOfQuiet({ from, to, days, timeZone }: QuietHours, now: Date): Date | undefined {
  const today = localDay(now, timeZone);
  // What began yesterday may still last.
  for (const dayMs of [today - DAY_MS, today]) {
    if (!days.includes(weekdayOf(dayMs))) continue;
    const start = instantOf(dayMs, from, timeZone);
    const end = instantOf(to > from ? dayMs : dayMs + DAY_MS, to, timeZone);
    if (start <= now && now < end) return end;
  }
  return undefined;
}
