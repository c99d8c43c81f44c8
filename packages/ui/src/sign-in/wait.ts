/** Waiting after too many tries, second by second. */
import { ApiError } from '@lovely/api';
import { useState } from 'react';
import { useNowText } from '../format/use-now.ts';

export interface Wait {
  readonly isOver: boolean;
  /** E.g. "0:24". */
  readonly left: string;
}

/** How long the server asked to wait, counted from when the error came. */
export function useWait(error: unknown): Wait {
  const [seen, setSeen] = useState({ error, untilMs: untilOf(error) ?? 0 });
  if (error !== seen.error) setSeen({ error, untilMs: untilOf(error) ?? seen.untilMs });
  const { untilMs } = seen;
  const left = useNowText((now) => timeLeft(untilMs - now));
  return { isOver: left === '', left };
}

/** Minutes and seconds, e.g. "0:24"; "" when it is over. */
export function timeLeft(ms: number): string {
  if (ms <= 0) return '';
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function untilOf(error: unknown): number | undefined {
  const seconds = secondsToWait(error);
  return seconds === undefined ? undefined : Date.now() + seconds * 1000;
}

/** Undefined for every error but too many tries. */
export function secondsToWait(error: unknown): number | undefined {
  return error instanceof ApiError && error.problem.status === 429 ? error.retryAfterSeconds : undefined;
}
