/** The alerts of one rule: what is wrong on all these houses, what helps, and which they are. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { SearchX } from 'lucide-react';
import { alertsQuery, fleetQuery } from '../api.ts';
import { GroupFixes } from '../fixes/GroupFixes.tsx';
import { plural } from '../format/number.ts';
import { Card } from '../parts/Card.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { MoreButton } from '../parts/MoreButton.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { AlertActions } from './AlertActions.tsx';
import { AlertList } from './AlertList.tsx';
import { AlertPane } from './AlertPane.tsx';
import { stateOfTab, type AlertsTab } from './alerts-search.ts';
import { CauseCard } from './CauseCard.tsx';
import { HousesMap } from './HousesMap.tsx';
import styles from './RulePane.module.css';

export function RulePane({ rule, tab }: { rule: string; tab: AlertsTab }) {
  const state = stateOfTab(tab);
  const query = useInfiniteQuery(alertsQuery({ rule, state, ...(tab === 'mine' ? { assignee: 'me' } : {}) }));
  const { data: fleet } = useQuery(fleetQuery);
  if (query.isPending) return <Waiting rows={3} rowHeight={90} />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const alerts = query.data.pages.flatMap(({ items }) => items);
  const [first, second] = alerts;
  if (!first)
    return (
      <Card isFlush>
        <EmptyState icon={SearchX} title="No alert of this kind here any more" />
      </Card>
    );
  if (!second) return <AlertPane id={first.id} group={undefined} tab={tab} />;
  const houses = tab === undefined ? fleet?.groups.find((group) => group.rule === rule)?.devices : undefined;
  const isOver = tab === 'closed';
  return (
    <div className={styles.pane}>
      <CauseCard
        severity={first.severity}
        title={first.title}
        cause={first.cause}
        detail={
          houses === undefined
            ? `${plural(alerts.length, 'alert')}${query.hasNextPage ? ' and more' : ''}`
            : plural(houses, 'house')
        }
        actions={
          <AlertActions
            which={[
              tab === 'mine' ? { kind: 'alerts', ids: alerts.map(({ id }) => id) } : { kind: 'rule', rule, state },
            ]}
            state={state}
            sampleId={first.id}
          />
        }
      >
        {!isOver && <GroupFixes rule={rule} alerts={alerts} incidentId={null} />}
      </CauseCard>
      {!isOver && <HousesMap rule={rule} area={null} />}
      <Card
        title="Houses"
        isFlush
        aside={
          !isOver && (
            <LinkButton {...paths.devices({ rule })} variant="subtle" size="compact-sm">
              As a list of devices
            </LinkButton>
          )
        }
      >
        <AlertList
          alerts={alerts}
          hasDeviceNames
          linkOf={({ id }) => paths.alerts({ tab, group: `rule:${rule}`, alert: id })}
        />
        <MoreButton query={query} />
      </Card>
    </div>
  );
}
