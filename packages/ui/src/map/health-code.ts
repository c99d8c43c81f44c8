/** Health as the small integer that tiles and the map's messages carry, and the words and colours for it. */
import type { Health } from '@lovely/api';

export const HEALTH_CODE = { ok: 0, warning: 1, critical: 2, offline: 3, unknown: 4 } as const satisfies Record<
  Health,
  number
>;

export const HEALTH_LABEL: Record<Health, string> = {
  ok: 'Healthy',
  warning: 'Warning',
  critical: 'Critical',
  offline: 'Offline',
  unknown: 'Never connected',
};

/** How much a house with a warning counts beside one that is down. */
export const WARNING_WEIGHT = 0.25;

/** From which share of trouble on a place with several houses has which colour; in between they blend. */
export const SHARE_COLOURS = [
  { share: 0, tone: 'ok' },
  { share: 0.04, tone: 'ok' },
  { share: 0.12, tone: 'warning' },
  { share: 0.28, tone: 'hot' },
  { share: 0.5, tone: 'bad' },
] as const;

/** 0 to 1: how much of a place is in trouble. */
export function troubleShare({ n, w, b }: { readonly n: number; readonly w: number; readonly b: number }): number {
  return (b + WARNING_WEIGHT * w) / Math.max(1, n);
}
