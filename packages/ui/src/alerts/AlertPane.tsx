/** Everything about one alert: what is wrong, what helps, what it was seen by, what happened. */
import { ApiError, type AlertDetail } from '@lovely/api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowLeft, SearchX } from 'lucide-react';
import { Card } from '../parts/Card.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { Facts, type Fact } from '../parts/Facts.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { alertQuery } from './alert-queries.ts';
import { AlertActions } from './AlertActions.tsx';
import styles from './AlertPane.module.css';
import type { AlertsTab } from './alerts-search.ts';
import { MetricSpark } from './MetricSpark.tsx';
import { measured } from './measured.ts';
import { ProblemCard } from './ProblemCard.tsx';
import { Timeline } from './Timeline.tsx';

export function AlertPane({ id, group, tab }: { id: string; group: string | undefined; tab: AlertsTab }) {
  const query = useQuery(alertQuery(id));
  if (query.isPending) return <Waiting rows={3} rowHeight={90} />;
  if (query.error instanceof ApiError && query.error.problem.status === 404)
    return (
      <Card isFlush>
        <EmptyState icon={SearchX} title="There is no such alert, or you may not see its house" />
      </Card>
    );
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const alert = query.data;
  return (
    <div className={styles.pane}>
      {group !== undefined && (
        <Link {...paths.alerts({ tab, group })} className={styles.group}>
          <ArrowLeft size={14} aria-hidden /> All houses with it
        </Link>
      )}
      <ProblemCard
        alert={alert}
        hasHouse
        actions={
          <AlertActions
            which={[{ kind: 'alerts', ids: [id] }]}
            state={alert.state}
            canReopen={alert.closedBy === 'user'}
            sampleId={id}
          />
        }
      />
      <Evidence alert={alert} />
      <Timeline alert={alert} />
    </div>
  );
}

/** What was measured, and who looks after it. */
function Evidence({ alert }: { alert: AlertDetail }) {
  const facts: Fact[] = [
    ...measured(alert.values),
    { name: 'Opened', value: <RelativeTime time={alert.openedAt} /> },
    ...(alert.count > 1 ? [{ name: 'Last raised', value: <RelativeTime time={alert.lastRaisedAt} /> }] : []),
    ...(alert.assignee ? [{ name: 'Looked after by', value: alert.assignee.name }] : []),
    ...(alert.acknowledgedBy ? [{ name: 'Acknowledged by', value: alert.acknowledgedBy.name }] : []),
    ...(alert.closedAt === null ? [] : [{ name: 'Closed', value: <RelativeTime time={alert.closedAt} /> }]),
  ];
  return (
    <Card title="What it was seen by">
      <MetricSpark alert={alert} />
      <Facts facts={facts} />
    </Card>
  );
}
