/** Maintenance windows: when an update may begin, on the clocks of a time zone. Pure; the time is passed in. */
import type { MaintenanceWindow } from '@lovely/api';
import { DAY_MS, instantOf, localDay, weekdayOf } from './local-time.ts';

export type WindowState =
  | { readonly isOpen: true; readonly closesMs: number }
  | { readonly isOpen: false; readonly opensMs: number };

/** How far ahead an opening is looked for: a week and a day, as the day that it is on may be half over. */
const DAYS_AHEAD = 8;

export function windowAt(window: MaintenanceWindow, timeZone: string, nowMs: number): WindowState {
  const today = localDay(new Date(nowMs), timeZone);
  let opensMs = Number.POSITIVE_INFINITY;
  // What began yesterday may still last.
  for (let day = -1; day <= DAYS_AHEAD; day++) {
    const dayMs = today + day * DAY_MS;
    if (!window.days.includes(weekdayOf(dayMs))) continue;
    const startMs = instantOf(dayMs, window.from, timeZone).getTime();
    const endMs = instantOf(window.to > window.from ? dayMs : dayMs + DAY_MS, window.to, timeZone).getTime();
    if (startMs <= nowMs && nowMs < endMs) return { isOpen: true, closesMs: endMs };
    if (startMs > nowMs && endMs > startMs) opensMs = Math.min(opensMs, startMs);
  }
  return { isOpen: false, opensMs };
}

/** The zone that a house is in: as people tagged it, as its inventory says, or the organisation's. */
export function zoneOfHouse(candidates: readonly (string | null | undefined)[]): string {
  return candidates.find((zone) => zone != null && isTimeZone(zone)) ?? 'UTC';
}

const known = new Map<string, boolean>();
const KNOWN_MAX = 1000;

/** What gateways say is anything; asking is slow, so the answers are kept. */
function isTimeZone(name: string): boolean {
  let is = known.get(name);
  if (is === undefined) {
    is = canFormat(name);
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(name, is);
  }
  return is;
}

function canFormat(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}
