/** Houses by how they stand to what they should be set to; the schemas are beside it. */
import type { ConfigurationState, listConfigurations, Result } from '@lovely/api';
import { NativeSelect } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { SearchX, SlidersVertical } from 'lucide-react';
import { groupsQuery } from '../groups/group-queries.ts';
import { Card } from '../parts/Card.tsx';
import { Chip } from '../parts/Chip.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { Filters } from '../parts/Filters.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { StackedBar } from '../parts/StackedBar.tsx';
import { rowLink, Table, type Column } from '../parts/Table.tsx';
import { Tabs } from '../parts/Tabs.tsx';
import { paths } from '../paths.ts';
import { PageHeader } from '../shell/PageHeader.tsx';
import { configurationsQuery } from './configuration-queries.ts';
import { STATES } from './configuration-text.ts';
import { partsOf } from './count-parts.ts';
import styles from './ConfigurationTab.module.css';

const route = getRouteApi('/app/settings/configuration');

export function ConfigurationsPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const query = useInfiniteQuery(configurationsQuery(search));
  const groups = useQuery(groupsQuery);
  const counts = query.data?.pages[0]?.counts;
  const parts = counts ? partsOf(counts).filter(({ amount }) => amount > 0) : [];
  const isFiltered = search.state !== undefined || search.group !== undefined;
  return (
    <>
      <PageHeader title="Configuration" detail="Which houses have what they should be set to, and which are behind." />
      <ConfigurationTabs />
      <div className={styles.page}>
        {parts.length > 0 && (
          <Card>
            <StackedBar parts={parts} />
          </Card>
        )}
        <Filters>
          <NativeSelect
            aria-label="Houses that"
            data={[
              { value: '', label: 'All houses that something is set on' },
              { value: 'behind', label: 'Behind' },
              ...SHOWN.map((state) => ({ value: state, label: STATES[state].label })),
            ]}
            value={search.state ?? ''}
            onChange={(event) =>
              void navigate(
                paths.configurations({
                  ...search,
                  state: (event.currentTarget.value || undefined) as typeof search.state,
                }),
              )
            }
          />
          <NativeSelect
            aria-label="Group"
            data={[
              { value: '', label: 'Of every group' },
              ...(groups.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name })),
            ]}
            value={search.group ?? ''}
            onChange={(event) =>
              void navigate(paths.configurations({ ...search, group: event.currentTarget.value || undefined }))
            }
          />
        </Filters>
        <ListCard
          query={query}
          items={query.data?.pages.flatMap(({ items }) => items)}
          empty={
            isFiltered ? (
              <EmptyState icon={SearchX} title="No house is like this">
                <LinkButton {...paths.configurations()} variant="default">
                  Show all
                </LinkButton>
              </EmptyState>
            ) : (
              <EmptyState
                icon={SlidersVertical}
                title="Nothing is set on any house yet"
                detail="Set it for a group here, or for one house on its page under Configuration."
              >
                <LinkButton {...paths.groups()}>Go to groups</LinkButton>
              </EmptyState>
            )
          }
        >
          {(items) => <Table label="Houses" rows={items} rowKey={({ deviceId }) => deviceId} columns={columns} />}
        </ListCard>
      </div>
    </>
  );
}

const SHOWN = [
  'current',
  'waiting',
  'confirming',
  'reverted',
  'failed',
  'differs',
] as const satisfies ConfigurationState[];

export function ConfigurationTabs() {
  return (
    <Tabs
      label="Configuration"
      tabs={[
        { label: 'Houses', link: { to: paths.configurations().to } },
        { label: 'Schemas', link: paths.schemas() },
      ]}
    />
  );
}

type Item = Result<typeof listConfigurations>['items'][number];

const columns: Column<Item>[] = [
  {
    header: 'House',
    cell: ({ deviceId, deviceName }) => (
      <Link {...paths.device(deviceId, 'configuration')} className={rowLink}>
        {deviceName}
      </Link>
    ),
  },
  {
    header: 'State',
    cell: ({ state }) => (
      <Chip tone={STATES[state].tone} icon={STATES[state].icon}>
        {STATES[state].label}
      </Chip>
    ),
  },
  { header: 'Should be', isWideOnly: true, cell: ({ desiredVersion }) => `version ${desiredVersion}` },
  {
    header: 'Has',
    isWideOnly: true,
    cell: ({ reportedVersion }) => (reportedVersion === 0 ? 'nothing' : `version ${reportedVersion}`),
  },
  { header: 'Set', align: 'right', cell: ({ desiredAt }) => <RelativeTime time={desiredAt} /> },
];
