/** Waiting after too many tries, second by second. */
import { ApiError } from '@lovely/api';
import { useLayoutEffect, useState } from 'react';
import { useNowText } from '../format/use-now.ts';

export interface Wait {
  readonly isOver: boolean;
  /** E.g. "0:24". */
  readonly left: string;
}

/** How long the server asked to wait, counted from when the error came. */
export function useWait(error: unknown): Wait {
  const [untilMs, setUntilMs] = useState(0);
  useLayoutEffect(() => {
    const seconds = secondsToWait(error);
    if (seconds !== undefined) setUntilMs(Date.now() + seconds * 1000);
  }, [error]);
  const left = useNowText((now) => timeLeft(untilMs - now));
  return { isOver: left === '', left };
}

/** Minutes and seconds, e.g. "0:24"; "" when it is over. */
export function timeLeft(ms: number): string {
  if (ms <= 0) return '';
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Undefined for every error but too many tries. */
export function secondsToWait(error: unknown): number | undefined {
  return error instanceof ApiError && error.problem.status === 429 ? error.retryAfterSeconds : undefined;
}
