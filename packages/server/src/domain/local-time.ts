/** Days and times of day on the clocks of a time zone. Pure; times are passed in. */
export const DAY_MS = 24 * 3600_000;

/** Midnight UTC of the day that it is there. */
export function localDay(now: Date, timeZone: string): number {
  const local = now.getTime() + offsetMs(now.getTime(), timeZone);
  return local - mod(local, DAY_MS);
}

/** 1 is Monday, 7 is Sunday. */
export function weekdayOf(dayMs: number): number {
  return new Date(dayMs).getUTCDay() || 7;
}

/** When a clock there shows this time of that day; in the hour that a change of clocks leaves out, the time after it. */
export function instantOf(dayMs: number, timeOfDay: string, timeZone: string): Date {
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
