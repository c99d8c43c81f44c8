import { useInfiniteQuery } from '@tanstack/react-query';
import { CircleCheckBig } from 'lucide-react';
import { toMs } from '../format/time.ts';
import { useNow } from '../format/use-now.ts';
import { HELPED_SHOWN_MS } from '../limits.ts';
import { Notice } from '../parts/Notice.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { useRuleTitle } from '../rules/rule-queries.ts';
import { fixRunsQuery } from './fix-queries.ts';

/** Fixes that made this house well just now: its problem is gone from the list, so this says why. */
export function HelpedNotices({ deviceId }: { deviceId: string }) {
  const { data } = useInfiniteQuery(fixRunsQuery({ deviceId, state: 'helped' }));
  const ruleTitle = useRuleTitle();
  const now = useNow();
  const recent = (data?.pages.flatMap(({ items }) => items) ?? []).filter(
    ({ endedAt }) => endedAt !== null && now - toMs(endedAt) < HELPED_SHOWN_MS,
  );
  return recent.map(({ id, fixTitle, rule, endedAt }) => (
    <Notice key={id} icon={CircleCheckBig} tone="ok" title={`${fixTitle} helped`}>
      “{ruleTitle(rule)}” is over
      {endedAt !== null && (
        <>
          , <RelativeTime time={endedAt} />
        </>
      )}
      .
    </Notice>
  ));
}
