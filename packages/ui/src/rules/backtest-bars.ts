/** The steps of a backtest as bars, from its first to its last, those without an alert too. */
import type { Bar } from '../parts/Bars.tsx';
import { toMs } from '../format/time.ts';

interface Fires {
  readonly stepMs: number;
  readonly over: readonly { readonly at: string; readonly fires: number }[];
}

export function barsOf({ stepMs, over }: Fires, span: { readonly fromMs: number; readonly untilMs: number }): Bar[] {
  const fires = new Map(over.map((step) => [toMs(step.at), step.fires]));
  return Array.from({ length: Math.ceil((span.untilMs - span.fromMs) / stepMs) }, (_, index) => {
    const atMs = span.fromMs + index * stepMs;
    return { label: label(atMs, stepMs), value: fires.get(atMs) ?? 0 };
  });
}

function label(atMs: number, stepMs: number): string {
  const isDays = stepMs >= 86_400_000;
  return new Date(atMs).toLocaleString(undefined, {
    month: 'short',
    day: 'numeric',
    ...(isDays ? {} : { hour: '2-digit', minute: '2-digit' }),
  });
}
