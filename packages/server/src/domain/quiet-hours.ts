/** Quiet hours: when they end, in the time zone that they are given in. Pure; the time is passed in. */
import type { QuietHours } from '@lovely/api';

const DAY_MS = 24 * 3600_000;
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

/** Midnight UTC of the day that it is there. */
function localDay(now: Date, timeZone: string): number {
  const local = now.getTime() + offsetMs(now.getTime(), timeZone);
  return local - mod(local, DAY_MS);
}

function weekdayOf(dayMs: number): number {
  return new Date(dayMs).getUTCDay() || 7;
}

/** When a clock there shows this time of that day; in the hour that a change of clocks leaves out, the time after it. */
function instantOf(dayMs: number, timeOfDay: string, timeZone: string): Date {
  const [hours = 0, minutes = 0] = timeOfDay.split(':').map(Number);
  const localMs = dayMs + hours * 3600_000 + minutes * 60_000;
  const guess = localMs - offsetMs(localMs, timeZone);
  const better = localMs - offsetMs(guess, timeZone);
  return new Date(localMs - offsetMs(better, timeZone) === better ? better : Math.max(guess, better));
}

/** How far the clocks of a zone are ahead of UTC. */
function offsetMs(atMs: number, timeZone: string): number {
  const wholeMs = atMs - mod(atMs, 1000);
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(wholeMs)
      .map(({ type, value }) => [type, Number(value)]),
  ) as Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', number>;
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) - wholeMs;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  return format;
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}
