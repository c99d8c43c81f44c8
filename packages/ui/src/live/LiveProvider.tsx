/** Keeps the live channel of a signed-in page, and everything it makes out of date fresh. */
import { feedEvents, feedSummary } from '@lovely/protocol';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { keys } from '../api.ts';
import { FEED_REFRESH_MS } from '../limits.ts';
import { useMay } from '../may.ts';
import { liveUrl } from '../paths.ts';
import { LiveChannel } from './channel.ts';
import { LiveContext } from './context.ts';
import { Outdated, outdatedKeys } from './feed.ts';

export function LiveProvider({ children }: { children: ReactNode }) {
  const queryClient = useQueryClient();
  const [channel] = useState(() => new LiveChannel({ url: liveUrl(location.origin) }));

  const isAllowed = useMay()('fleet.read');

  useEffect(() => {
    // The server would refuse it again and again.
    if (!isAllowed) return;
    const outdated = new Outdated(FEED_REFRESH_MS, (queryKeys) => {
      for (const queryKey of queryKeys) void queryClient.invalidateQueries({ queryKey });
    });
    let wasOpen = false;
    const stops = [
      channel.subscribe(feedEvents, ({ body }) => outdated.add(outdatedKeys(body))),
      channel.subscribe(feedSummary, ({ body }) => queryClient.setQueryData(keys.summary, body)),
      channel.onState(() => {
        if (channel.state.kind !== 'open') {
          // A refused upgrade doesn't say why; if the session has ended, this question does.
          void queryClient.invalidateQueries({ queryKey: keys.me });
        } else {
          // Whatever happened while the channel was away has been missed.
          if (wasOpen) void queryClient.invalidateQueries();
          wasOpen = true;
        }
      }),
    ];
    const retry = (): void => channel.retryNow();
    window.addEventListener('online', retry);
    channel.open();
    return () => {
      window.removeEventListener('online', retry);
      for (const stop of stops) stop();
      outdated.close();
      channel.close();
    };
  }, [channel, queryClient, isAllowed]);

  return <LiveContext value={channel}>{children}</LiveContext>;
}
