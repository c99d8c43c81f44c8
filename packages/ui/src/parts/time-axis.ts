/** Times below a chart and beside its cursor, in 24 hours. */
const DAY_MS = 24 * 3600_000;

/** What stands at marks that are `stepMs` apart: the time, the date at midnight and where marks are days apart. */
export function axisTexts(marksMs: readonly number[], stepMs: number): string[] {
  return marksMs.map((ms) => {
    const date = new Date(ms);
    const isMidnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
    if (stepMs >= DAY_MS || isMidnight) return dayText(date);
    return timeText(date, stepMs < 60_000);
  });
}

/** E.g. "22 Nov, 14:05:00". */
export function momentText(ms: number): string {
  const date = new Date(ms);
  return `${dayText(date)}, ${timeText(date, true)}`;
}

function dayText(date: Date): string {
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
}

function timeText(date: Date, withSeconds: boolean): string {
  return date.toLocaleTimeString('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    ...(withSeconds ? { second: '2-digit' } : {}),
  });
}
