/** Until when an alert can be left aside, as people say it. */
const HOUR = 3_600_000;
const MORNING_HOUR = 9;

export interface SnoozeTime {
  readonly label: string;
  readonly until: Date;
}

export function snoozeTimes(now: Date): SnoozeTime[] {
  return [
    { label: 'For 1 hour', until: new Date(now.getTime() + HOUR) },
    { label: 'For 4 hours', until: new Date(now.getTime() + 4 * HOUR) },
    { label: 'Until tomorrow morning', until: morning(now, 1) },
    { label: 'For a week', until: morning(now, 7) },
    { label: 'For 30 days', until: morning(now, 30) },
  ];
}

function morning(now: Date, daysAhead: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + daysAhead, MORNING_HOUR);
}
