/** What runs where: versions by how many houses run each, who is behind, and who runs what it should not. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { NativeSelect } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { ChartNoAxesColumn, GitCompareArrows, Rocket, SearchX } from 'lucide-react';
import { count, plural } from '../format/number.ts';
import { GroupSelect } from '../groups/GroupSelect.tsx';
import { useMay } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { Filters } from '../parts/Filters.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { Table } from '../parts/Table.tsx';
import { useRowKeys } from '../parts/use-row-keys.ts';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { Page } from '../shell/Page.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { softwareColumns } from './software-columns.tsx';
import { RELEASE_KEY, softwareDevicesQuery, versionsQuery } from './software-queries.ts';
import { VersionBars } from './VersionBars.tsx';
import type { VersionsSearch } from './versions-search.ts';
import styles from './VersionsPage.module.css';

const route = getRouteApi('/app/versions');

export function VersionsPage() {
  const search = route.useSearch();
  const { key, deviceType, group, value, not, drifting } = search;
  const of = { key, deviceType, groupId: group };
  const query = useQuery(versionsQuery(of));
  const devices = useInfiniteQuery(softwareDevicesQuery({ ...of, value, not, drifting }));
  useRowKeys();
  const versions = query.data;
  return (
    <Page>
      <PageHeader
        back={{ label: 'Deployments', link: paths.deployments() }}
        title="What runs where"
        detail={
          versions &&
          `${plural(versions.houses, 'house')}${
            versions.drifting > 0 ? `, ${count(versions.drifting)} of them drift from what they should run` : ''
          }`
        }
      />
      <VersionFilters
        search={search}
        keys={versions?.keys ?? []}
        deviceTypes={versions?.deviceTypes ?? []}
        drifting={versions?.drifting ?? 0}
      />
      <div className={styles.cards}>
        {query.isPending && <Waiting rows={4} />}
        {query.isError && !versions && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {versions && (
          <Card title={key === undefined || key === RELEASE_KEY ? 'Releases' : key}>
            {versions.items.length === 0 ? (
              <EmptyState
                icon={ChartNoAxesColumn}
                title="Nothing is known yet"
                detail="Gateways tell what they run when they connect."
              />
            ) : (
              <VersionBars
                versions={versions.items}
                houses={versions.houses}
                others={versions.others}
                search={search}
              />
            )}
          </Card>
        )}
        <ListCard
          title={titleOf(search)}
          aside={<Behind search={search} />}
          query={devices}
          items={devices.data?.pages.flatMap(({ items }) => items)}
          empty={<EmptyState icon={SearchX} title="No house is like that" />}
        >
          {(items) => (
            <Table label="Houses" rows={items} rowKey={({ deviceId }) => deviceId} columns={softwareColumns(key)} />
          )}
        </ListCard>
      </div>
    </Page>
  );
}

function titleOf({ value, not, drifting }: VersionsSearch): string {
  const what = value !== undefined ? `that run ${value}` : not !== undefined ? `that don’t run ${not}` : '';
  const drift = drifting ? 'that drift' : '';
  return ['Houses', what, drift].filter((part) => part !== '').join(' ');
}

/** From the houses of a version to those that are behind it, and to the deployment that brings it to them. */
function Behind({ search }: { search: VersionsSearch }) {
  const may = useMay();
  const release = search.not ?? search.value;
  const isRelease = search.key === undefined || search.key === RELEASE_KEY;
  if (release === undefined) return null;
  return (
    <span className={styles.behind}>
      <LinkButton
        {...paths.versions({
          ...search,
          value: search.not,
          not: search.value,
        })}
        variant="default"
        size="xs"
        leftSection={<GitCompareArrows size={14} />}
        resetScroll={false}
      >
        {search.value === undefined ? `Those that run ${release}` : 'Those that don’t'}
      </LinkButton>
      {search.not !== undefined && isRelease && may('deployment.write') && (
        <LinkButton
          {...paths.newDeployment({
            release,
            step: 'houses',
            ...(search.group === undefined ? { to: 'all' } : { to: 'group', group: search.group }),
          })}
          size="xs"
          leftSection={<Rocket size={14} />}
        >
          Update them…
        </LinkButton>
      )}
    </span>
  );
}

function VersionFilters({
  search,
  keys,
  deviceTypes,
  drifting,
}: {
  search: VersionsSearch;
  keys: readonly string[];
  deviceTypes: readonly string[];
  drifting: number;
}) {
  const navigate = useNavigate();
  const change = (part: VersionsSearch): void =>
    void navigate({ ...paths.versions({ ...search, ...part }), replace: true, resetScroll: false });
  const others = [...new Set([...keys, ...(search.key === undefined ? [] : [search.key])])].filter(
    (key) => key !== RELEASE_KEY,
  );
  return (
    <Filters>
      <NativeSelect
        label="Part"
        data={[{ value: RELEASE_KEY, label: 'Release' }, ...others]}
        value={search.key ?? RELEASE_KEY}
        onChange={({ currentTarget: { value } }) =>
          change({ key: value === RELEASE_KEY ? undefined : value, value: undefined, not: undefined })
        }
      />
      {(deviceTypes.length > 1 || search.deviceType !== undefined) && (
        <NativeSelect
          label="Type of gateway"
          data={[{ value: '', label: 'Any type' }, ...deviceTypes]}
          value={search.deviceType ?? ''}
          onChange={({ currentTarget: { value } }) => change({ deviceType: value === '' ? undefined : value })}
        />
      )}
      <GroupSelect
        label="Group"
        noneLabel="Any group"
        value={search.group ?? null}
        onChange={(group) => change({ group: group ?? undefined })}
      />
      {(drifting > 0 || search.drifting) && (
        <NativeSelect
          label="Drift"
          data={[
            { value: '', label: 'All houses' },
            { value: 'true', label: `Only those that drift (${count(drifting)})` },
          ]}
          value={search.drifting ? 'true' : ''}
          onChange={({ currentTarget: { value } }) => change({ drifting: value === '' ? undefined : true })}
        />
      )}
    </Filters>
  );
}
