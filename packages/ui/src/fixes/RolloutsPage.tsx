/** Fixes that were run on many houses, newest first. */
import type { FixRollout } from '@lovely/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Rocket } from 'lucide-react';
import { count } from '../format/number.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { rowLink, Table, type Column } from '../parts/Table.tsx';
import { paths } from '../paths.ts';
import { Page } from '../shell/Page.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { fixRolloutsQuery } from './fix-queries.ts';
import { RolloutBar } from './RolloutBar.tsx';
import { RolloutState } from './RolloutState.tsx';
import styles from './RolloutsPage.module.css';

export function RolloutsPage() {
  const query = useInfiniteQuery(fixRolloutsQuery);
  return (
    <Page>
      <PageHeader
        back={{ label: 'Alerts', link: { ...paths.alerts() } }}
        title="Rollouts of fixes"
        detail="One fix on all houses with the same problem: a trial first, then in phases."
      />
      <ListCard
        query={query}
        items={query.data?.pages.flatMap(({ items }) => items)}
        empty={
          <EmptyState
            icon={Rocket}
            title="No fix was rolled out yet"
            detail="When many houses have the same problem, its fix can be applied to all of them."
          />
        }
      >
        {(rollouts) => <Table label="Rollouts" rows={rollouts} rowKey={({ id }) => id} columns={columns} />}
      </ListCard>
    </Page>
  );
}

const columns: Column<FixRollout>[] = [
  {
    header: 'Fix',
    cell: ({ id, fixTitle, startedBy }) => (
      <>
        <Link {...paths.rollout(id)} className={rowLink}>
          {fixTitle}
        </Link>
        <div className={styles.by}>started by {startedBy.name}</div>
      </>
    ),
  },
  { header: 'State', cell: ({ state }) => <RolloutState state={state} /> },
  {
    header: 'Houses',
    cell: (rollout) => (
      <div className={styles.houses}>
        <RolloutBar rollout={rollout} hasLegend={false} />
        <span className="numeric">
          {count(rollout.counts.helped)} of {count(rollout.counts.houses)} helped
        </span>
      </div>
    ),
  },
  { header: 'Started', align: 'right', cell: ({ createdAt }) => <RelativeTime time={createdAt} /> },
];
