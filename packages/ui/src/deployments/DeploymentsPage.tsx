/** What is rolled out, and what was: newest first, live. */
import type { Deployment } from '@lovely/api';
import { NativeSelect } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { ChartNoAxesColumn, Plus, Rocket, SearchX } from 'lucide-react';
import { count } from '../format/number.ts';
import { useMay } from '../may.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { Filters } from '../parts/Filters.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { SearchField } from '../parts/SearchField.tsx';
import { StackedBar } from '../parts/StackedBar.tsx';
import { rowLink, Table, type Column } from '../parts/Table.tsx';
import { Tabs } from '../parts/Tabs.tsx';
import { useRowKeys } from '../parts/use-row-keys.ts';
import { paths } from '../paths.ts';
import { Page } from '../shell/Page.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { deploymentCountsQuery, deploymentsQuery } from './deployment-queries.ts';
import type { DeploymentsSearch } from './deployment-search.ts';
import { partsOf, throughOf } from './deployment-states.ts';
import { DeploymentStateChip } from './DeploymentStateChip.tsx';
import styles from './DeploymentsPage.module.css';
import { TargetText } from './TargetText.tsx';

const route = getRouteApi('/app/deployments');

export function DeploymentsPage() {
  const filter = route.useSearch();
  const query = useInfiniteQuery(deploymentsQuery(filter));
  useRowKeys();
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  return (
    <Page>
      <PageHeader
        title="Deployments"
        detail="Software on its way to houses, phase after phase."
        actions={
          <>
            <LinkButton {...paths.versions()} variant="default" leftSection={<ChartNoAxesColumn size={16} />}>
              What runs where
            </LinkButton>
            <NewButton />
          </>
        }
      />
      <DeploymentTabs filter={filter} />
      <DeploymentFilters filter={filter} />
      <ListCard
        query={query}
        items={query.data?.pages.flatMap(({ items }) => items)}
        empty={
          isFiltered ? (
            <EmptyState icon={SearchX} title="No deployment matches">
              <LinkButton {...paths.deployments()} variant="default">
                Show all
              </LinkButton>
            </EmptyState>
          ) : (
            <EmptyState
              icon={Rocket}
              title="Nothing was rolled out yet"
              detail="A deployment brings a release of software to houses: a few first, the rest when those stay well."
            >
              <NewButton />
            </EmptyState>
          )
        }
      >
        {(deployments) => <Table label="Deployments" rows={deployments} rowKey={({ id }) => id} columns={columns} />}
      </ListCard>
    </Page>
  );
}

function NewButton() {
  const may = useMay();
  return (
    may('deployment.write') && (
      <LinkButton {...paths.newDeployment()} leftSection={<Plus size={16} />}>
        New deployment
      </LinkButton>
    )
  );
}

function DeploymentTabs({ filter }: { filter: DeploymentsSearch }) {
  const { data } = useQuery(deploymentCountsQuery);
  const to = (when: DeploymentsSearch['when']) => ({
    link: paths.deployments({ ...filter, when }),
    isOn: filter.when === when,
  });
  return (
    <Tabs
      label="Deployments"
      tabs={[
        { label: 'All', ...to(undefined) },
        { label: 'Under way', ...to('active'), count: data && data.scheduled + data.running + data.paused },
        { label: 'Over', ...to('over') },
      ]}
    />
  );
}

const KINDS = [
  { value: '', label: 'Software and configuration' },
  { value: 'software', label: 'Software' },
  { value: 'configuration', label: 'Configuration' },
];

function DeploymentFilters({ filter }: { filter: DeploymentsSearch }) {
  const navigate = useNavigate();
  const change = (part: DeploymentsSearch): void =>
    void navigate({ ...paths.deployments({ ...filter, ...part }), replace: true });
  return (
    <Filters>
      <SearchField
        label="Search deployments"
        placeholder="Name or software…"
        value={filter.search ?? ''}
        onChange={(search) => change({ search: search === '' ? undefined : search })}
      />
      <NativeSelect
        aria-label="Kind"
        data={KINDS}
        value={filter.kind ?? ''}
        onChange={({ currentTarget: { value } }) =>
          change({ kind: value === 'software' || value === 'configuration' ? value : undefined })
        }
      />
    </Filters>
  );
}

const columns: Column<Deployment>[] = [
  {
    header: 'Deployment',
    cell: ({ id, name, artifactName, target, counts }) => (
      <>
        <Link {...paths.deployment(id)} className={rowLink}>
          {name}
        </Link>
        <div className={styles.what}>
          {artifactName} to <TargetText target={target} houses={counts.houses} />
        </div>
      </>
    ),
  },
  {
    header: 'State',
    cell: (deployment) => (
      <>
        <DeploymentStateChip deployment={deployment} />
        {deployment.reason !== '' && <div className={styles.reason}>{deployment.reason}</div>}
      </>
    ),
  },
  {
    header: 'Houses',
    cell: ({ counts, isCollected }) => (
      <div className={styles.houses}>
        <StackedBar parts={partsOf(counts)} hasLegend={false} />
        <span className="numeric">
          {isCollected ? `${count(throughOf(counts))} of ${count(counts.houses)} through` : 'being gathered'}
          {counts.failure > 0 && <b className={styles.failed}> · {count(counts.failure)} failed</b>}
        </span>
      </div>
    ),
  },
  {
    header: 'Phase',
    isWideOnly: true,
    cell: ({ phase, phases }) =>
      phases.length > 0 && (
        <span className="numeric">
          {phase + 1} of {phases.length}
        </span>
      ),
  },
  {
    header: 'Started',
    align: 'right',
    cell: ({ createdAt, startedAt, createdBy }) => (
      <>
        <RelativeTime time={startedAt ?? createdAt} />
        <div className={styles.what}>{createdBy.name}</div>
      </>
    ),
  },
];
