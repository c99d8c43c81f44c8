/** The health of a house as the small integer that the index, the tiles and the map's wire messages carry. */
import type { Health as HealthName } from '@lovely/api';

export const HEALTH = { ok: 0, warning: 1, critical: 2, offline: 3, unknown: 4 } as const satisfies Record<
  HealthName,
  number
>;

export type Health = (typeof HEALTH)[keyof typeof HEALTH];

/** Worst first. `unknown` comes last, so a place is grey only where no house has ever connected. */
export const WORST_FIRST = [HEALTH.critical, HEALTH.offline, HEALTH.warning, HEALTH.ok, HEALTH.unknown] as const;

export function isHealth(value: number): value is Health {
  return Number.isInteger(value) && value >= HEALTH.ok && value <= HEALTH.unknown;
}
