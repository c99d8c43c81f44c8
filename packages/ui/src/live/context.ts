/** The live channel for components: `useLiveChannel` to talk, `useLiveState` and `useStaleSince` to show its state. */
import { createContext, use, useCallback, useSyncExternalStore } from 'react';
import { STALE_AFTER_MS } from '../limits.ts';
import { useNow } from '../format/use-now.ts';
import type { LiveChannel, LiveState } from './channel.ts';

export const LiveContext = createContext<LiveChannel | null>(null);

export function useLiveChannel(): LiveChannel {
  const channel = use(LiveContext);
  if (!channel) throw new Error('useLiveChannel is used outside of LiveProvider');
  return channel;
}

export function useLiveState(): LiveState {
  const channel = useLiveChannel();
  return useSyncExternalStore(
    useCallback((listener) => channel.onState(listener), [channel]),
    () => channel.state,
  );
}

/** Since when (ms since 1970) the data shown is old, or undefined while it is live or the gap is too short to matter. */
export function useStaleSince(): number | undefined {
  const state = useLiveState();
  const now = useNow();
  return state.kind !== 'open' && now - state.since > STALE_AFTER_MS ? state.since : undefined;
}
