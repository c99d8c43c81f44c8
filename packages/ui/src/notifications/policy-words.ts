/** Notification policies in plain words. */
import type { AlertMatch, NotificationPolicy, QuietHours } from '@lovely/api';
import { plural } from '../format/number.ts';
import { durationText } from '../format/duration.ts';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

export const DAY_NAMES = DAYS.map((label, at) => ({ day: at + 1, label }));

/** How many names a list says before it counts the rest. */
const NAMED_MAX = 3;

/** As "Critical alerts of Gateway offline in Milan". */
export function matchText(
  { severities, rules, groupIds, sensorKinds }: AlertMatch,
  nameOf: { rule: (key: string) => string; group: (id: string) => string; kind: (name: string) => string },
): string {
  const severity =
    severities.length === 1 ? (severities[0] === 'critical' ? 'Critical alerts' : 'Warnings') : 'All alerts';
  return [
    severity,
    rules.length > 0 && `of ${listed(rules.map(nameOf.rule))}`,
    sensorKinds.length > 0 && `about ${listed(sensorKinds.map(nameOf.kind))}`,
    groupIds.length > 0 && `in ${listed(groupIds.map(nameOf.group))}`,
  ]
    .filter((part) => part !== false)
    .join(' ');
}

export function listed(names: readonly string[]): string {
  if (names.length > NAMED_MAX)
    return `${names.slice(0, NAMED_MAX - 1).join(', ')} and ${plural(names.length - NAMED_MAX + 1, 'other')}`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** When people are told, as "after 1 minute, others after 15 minutes, every 1 hour until somebody acknowledges". */
export function timingText({ delaySeconds, escalation, repeatMinutes, quietHours }: NotificationPolicy): string {
  return [
    delaySeconds === 0 ? 'at once' : `after ${durationText(delaySeconds * SECOND_MS)}`,
    ...escalation.map(({ afterMinutes }) => `others ${durationText(afterMinutes * MINUTE_MS)} later`),
    repeatMinutes !== null && `again every ${durationText(repeatMinutes * MINUTE_MS)}`,
    quietHours && `not ${quietText(quietHours)}`,
  ]
    .filter((part) => typeof part === 'string')
    .join(', ');
}

/** As "from 22:00 to 07:00" or "from 22:00 to 07:00 on Sat and Sun". */
export function quietText({ from, to, days }: QuietHours): string {
  const on = days.length === DAYS.length ? '' : ` on ${listed(days.map((day) => DAYS[day - 1]!))}`;
  return `from ${from} to ${to}${on}`;
}
