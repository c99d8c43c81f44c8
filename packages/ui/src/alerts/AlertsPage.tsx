/** What is wrong in the fleet: open problems grouped by their rule, and those that are over. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { CircleCheckBig, History } from 'lucide-react';
import { alertsQuery, fleetQuery, summaryQuery } from '../api.ts';
import { plural } from '../format/number.ts';
import { Card } from '../parts/Card.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { MoreButton } from '../parts/MoreButton.tsx';
import { Tabs } from '../parts/Tabs.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { Page } from '../shell/Page.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { AlertList } from './AlertList.tsx';
import { groupsOf } from './groups.ts';
import { RuleGroups } from './RuleGroups.tsx';
import styles from './AlertsPage.module.css';

const route = getRouteApi('/app/alerts');

export function AlertsPage() {
  const { state = 'open', rule } = route.useSearch();
  const { data: summary } = useQuery(summaryQuery);
  const { data: fleet } = useQuery(fleetQuery);
  const everything = useInfiniteQuery(alertsQuery({ state }));
  const query = useInfiniteQuery(alertsQuery({ state, rule }));
  const alerts = query.data?.pages.flatMap((page) => page.items) ?? [];
  const groups =
    state === 'open' ? (fleet?.groups ?? []) : groupsOf(everything.data?.pages.flatMap((page) => page.items) ?? []);
  return (
    <Page>
      <PageHeader
        title="Alerts"
        detail={summary && (summary.alerts === 0 ? 'Nothing is wrong' : plural(summary.alerts, 'open problem'))}
      />
      <Tabs
        label="Alerts"
        tabs={[
          { label: 'Open', link: { ...paths.alerts({ state: undefined }) }, count: summary?.alerts },
          { label: 'Closed', link: { ...paths.alerts({ state: 'closed' }) } },
        ]}
      />
      <div className={styles.panes}>
        {groups.length > 0 && (
          <RuleGroups
            groups={groups}
            state={state}
            rule={rule}
            isPartial={state === 'closed' && everything.hasNextPage}
          />
        )}
        <Card isFlush>
          {query.isPending && <Waiting rows={8} />}
          {query.isError && !query.data && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
          {query.data && alerts.length === 0 && state === 'open' && (
            <EmptyState
              icon={CircleCheckBig}
              tone="ok"
              title={
                summary && summary.devices > 0 ? `${plural(summary.devices, 'house')}, all fine` : 'Nothing is wrong'
              }
              detail="Problems appear here the moment a gateway reports them or falls silent."
            />
          )}
          {query.data && alerts.length === 0 && state === 'closed' && (
            <EmptyState icon={History} title="No problem has been solved yet" />
          )}
          <AlertList alerts={alerts} hasDeviceNames />
          <MoreButton query={query} />
          {rule !== undefined && state === 'open' && alerts.length > 0 && (
            <div className={styles.houses}>
              <LinkButton {...paths.devices({ rule })} variant="default" size="xs">
                Show these houses as a list
              </LinkButton>
            </div>
          )}
        </Card>
      </div>
    </Page>
  );
}
