/** Times in words. */
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago, e.g. "now", "12 s ago", "4 min ago", "3 h ago", "5 d ago", else the date. A time ahead of our clock is "now". */
export function ago(time: string | number, now: number): string {
  const ms = now - toMs(time);
  if (ms < 2 * SECOND) return 'now';
  if (ms > 60 * DAY) return dateOf(time);
  return `${span(ms)} ago`;
}

/** How long until then, e.g. "4 h left", or "over". */
export function remaining(time: string | number, now: number): string {
  const ms = toMs(time) - now;
  return ms <= 0 ? 'over' : `${span(ms)} left`;
}

/** A span in its largest unit, e.g. "12 s", "4 min", "3 h", "5 d". */
export function span(ms: number): string {
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / SECOND))} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} d`;
}

/** A span in its two largest units, e.g. "41 d 6 h", "3 h 20 min", "12 s". */
export function longSpan(ms: number): string {
  const days = Math.floor(ms / DAY);
  const hours = Math.floor((ms % DAY) / HOUR);
  const minutes = Math.floor((ms % HOUR) / MINUTE);
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  if (minutes > 0) return `${minutes} min`;
  return span(ms);
}

/** The time to the second with its zone, for the hover over a relative time. */
export function exactly(time: string | number): string {
  return new Date(toMs(time)).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'long' });
}

/** The time of day, e.g. "12:04:31". */
export function clock(time: string | number): string {
  return new Date(toMs(time)).toLocaleTimeString(undefined, { hour12: false });
}

export function toMs(time: string | number): number {
  return typeof time === 'number' ? time : Date.parse(time);
}

function dateOf(time: string | number): string {
  return new Date(toMs(time)).toLocaleDateString(undefined, { dateStyle: 'medium' });
}
