/** How a deployment goes, in words. */
import type { DeploymentGates, DeploymentPhaseWish, MaintenanceWindow, UpdatePause } from '@lovely/api';
import { durationText } from '../format/duration.ts';
import { bytes, decimal, plural } from '../format/number.ts';

/** 1 is Monday, as in the options. */
export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

export const PAUSES: Readonly<Record<UpdatePause, string>> = {
  install: 'before installing',
  reboot: 'before rebooting',
  commit: 'before keeping it for good',
};

export const PRIORITIES = [
  { value: -5, label: 'Low' },
  { value: 0, label: 'Normal' },
  { value: 5, label: 'High' },
] as const;

/** E.g. "5%", "0.1%". */
export function shareText(share: number): string {
  return `${decimal(share * 100)}%`;
}

/** How far a phase goes, e.g. "10%", "25 houses", "all the rest". */
export function amountText(phase: DeploymentPhaseWish): string {
  if ('count' in phase) return plural(phase.count, 'house');
  return phase.percent >= 100 ? 'all' : `${decimal(phase.percent)}%`;
}

/** What stands between a phase and the next, e.g. "then waits 1 hour"; empty when it goes on at once. */
export function betweenText({ pauseMs, waitsForPerson }: { pauseMs: number; waitsForPerson: boolean }): string {
  if (waitsForPerson) return 'then waits for you';
  return pauseMs === 0 ? '' : `then waits ${durationText(pauseMs)}`;
}

/** All phases in a line, e.g. "1% → 10% → all". */
export function phasesText(phases: readonly DeploymentPhaseWish[]): string {
  return phases.length === 0 ? 'all at once' : phases.map(amountText).join(' → ');
}

/** Each gate as a sentence without its stop. */
export function gateTexts(gates: DeploymentGates | null): string[] {
  if (gates === null) return [];
  return [
    ...(gates.failureMax === null ? [] : [`more than ${shareText(gates.failureMax)} of the houses fail`]),
    ...(gates.alertsMax === null
      ? []
      : [`alerts rise on more than ${shareText(gates.alertsMax)} of the houses, beyond the rest of the fleet`]),
    ...(gates.reconnectsMax === null
      ? []
      : [`a house reconnects ${timesText(gates.reconnectsMax)} more often than the rest of the fleet`]),
  ];
}

/** The same so short that it fits a column, e.g. "5% fail, 10% more alerts". */
export function shortGatesText(gates: DeploymentGates): string {
  const { failureMax, alertsMax, reconnectsMax } = gates;
  return [
    ...(failureMax === null ? [] : [`${shareText(failureMax)} fail`]),
    ...(alertsMax === null ? [] : [`${shareText(alertsMax)} more have alerts`]),
    ...(reconnectsMax === null ? [] : [`each reconnects ${timesText(reconnectsMax)} more`]),
  ].join(', or ');
}

/** E.g. "Mon to Fri, 02:00 to 05:00, on the clock of each house". */
export function windowText({ from, to, days, zone }: MaintenanceWindow): string {
  const isNextDay = to <= from;
  const clock = zone === 'house' ? 'on the clock of each house' : zone;
  return `${daysText(days)}, ${from} to ${to}${isNextDay ? ' the next day' : ''}, ${clock}`;
}

/** E.g. "every day", "Mon to Fri", "Sat, Sun". */
export function daysText(days: readonly number[]): string {
  const sorted = [...new Set(days)].toSorted((one, other) => one - other);
  if (sorted.length === 7) return 'every day';
  const name = (day: number): string => WEEKDAYS[day - 1] ?? '';
  const first = sorted[0];
  const last = sorted.at(-1);
  if (first !== undefined && last !== undefined && sorted.length > 2 && last - first === sorted.length - 1)
    return `${name(first)} to ${name(last)}`;
  return sorted.map(name).join(', ');
}

function timesText(times: number): string {
  return times === 1 ? 'once' : times === 2 ? 'twice' : `${decimal(times)} times`;
}

/** E.g. "1.5 MiB a second". */
export function speedText(bytesPerSecond: number): string {
  return `${bytes(bytesPerSecond)} a second`;
}
