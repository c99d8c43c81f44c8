/** The steps of a backtest as bars, those without an alert too. */
import type { Bar } from '../parts/Bars.tsx';
import { toMs } from '../format/time.ts';

interface Fires {
  readonly stepMs: number;
  readonly until: string;
  readonly over: readonly { readonly at: string; readonly fires: number }[];
}

/** At least this many bars are drawn, so that one alert does not fill the picture. */
const BARS_MIN = 24;

export function barsOf({ stepMs, until, over }: Fires): Bar[] {
  const firstMs = toMs(over[0]?.at ?? until);
  const lastMs = toMs(over.at(-1)?.at ?? until);
  const endMs = Math.max(lastMs, firstMs, lastStep(firstMs, toMs(until), stepMs));
  const steps = Math.max(1, Math.round((endMs - firstMs) / stepMs) + 1);
  const startMs = firstMs - Math.max(0, BARS_MIN - steps) * stepMs;
  const fires = new Map(over.map((step) => [toMs(step.at), step.fires]));
  return Array.from({ length: Math.max(steps, BARS_MIN) }, (_, index) => {
    const atMs = startMs + index * stepMs;
    return { label: label(atMs, stepMs), value: fires.get(atMs) ?? 0 };
  });
}

/** The last step at or before `untilMs`. */
function lastStep(firstMs: number, untilMs: number, stepMs: number): number {
  return firstMs + Math.max(0, Math.floor((untilMs - firstMs) / stepMs)) * stepMs;
}

function label(atMs: number, stepMs: number): string {
  const isDays = stepMs >= 86_400_000;
  return new Date(atMs).toLocaleString(undefined, {
    month: 'short',
    day: 'numeric',
    ...(isDays ? {} : { hour: '2-digit', minute: '2-digit' }),
  });
}
