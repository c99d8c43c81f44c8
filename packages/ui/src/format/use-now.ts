/** One clock for all components that show ages. */
import { useSyncExternalStore } from 'react';

const TICK_MS = 1_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

/** The time in ms since 1970, to the second; components that use it are drawn every second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** A text made of the time; the component is drawn again only when the text changes. */
export function useNowText(write: (now: number) => string): string {
  return useSyncExternalStore(subscribe, () => write(now));
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = Date.now();
    timer = setInterval(tick, TICK_MS);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}
