/** All devices, filtered by what the address says. */
import type { Device } from '@lovely/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Router as Gateway, SearchX } from 'lucide-react';
import { devicesQuery } from '../api.ts';
import { LastSeen } from '../device/LastSeen.tsx';
import { StateChip } from '../device/StateChip.tsx';
import { Card } from '../parts/Card.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { MoreButton } from '../parts/MoreButton.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { rowLink, Table, type Column } from '../parts/Table.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { Page } from '../shell/Page.tsx';
import { DeviceFilters } from './DeviceFilters.tsx';
import { DevicesHeader } from './DevicesHeader.tsx';
import styles from './DevicesPage.module.css';

const route = getRouteApi('/app/devices');

const columns: Column<Device>[] = [
  {
    header: 'House',
    cell: (device) => (
      <>
        <Link {...paths.device(device.id)} className={rowLink}>
          {device.name}
        </Link>
        {device.address !== '' && <div className={styles.address}>{device.address}</div>}
      </>
    ),
  },
  { header: 'State', cell: (device) => <StateChip device={device} /> },
  {
    header: 'Alerts',
    isWideOnly: true,
    cell: (device) =>
      device.openAlerts > 0 ? <b className="numeric">{device.openAlerts}</b> : <span className={styles.none}>–</span>,
  },
  { header: 'Last seen', cell: (device) => <LastSeen device={device} /> },
  {
    header: 'Tags',
    isWideOnly: true,
    cell: (device) =>
      device.tags.map((tag) => (
        <span key={tag} className={styles.tag}>
          {tag}
        </span>
      )),
  },
  { header: 'Joined', isWideOnly: true, align: 'right', cell: (device) => <RelativeTime time={device.createdAt} /> },
];

export function DevicesPage() {
  const filter = route.useSearch();
  const query = useInfiniteQuery(devicesQuery(filter));
  const devices = query.data?.pages.flatMap((page) => page.items) ?? [];
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  return (
    <Page>
      <DevicesHeader />
      <DeviceFilters filter={filter} />
      <Card isFlush>
        {query.isPending && <Waiting rows={8} />}
        {query.isError && !query.data && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {query.data && devices.length > 0 && (
          <Table label="Devices" columns={columns} rows={devices} rowKey={(device) => device.id} />
        )}
        {query.data && devices.length === 0 && (isFiltered ? <NothingFound /> : <NoDevices />)}
        <MoreButton query={query} />
      </Card>
    </Page>
  );
}

function NothingFound() {
  return (
    <EmptyState icon={SearchX} title="No device matches">
      <LinkButton {...paths.devices()} variant="default">
        Clear the filter
      </LinkButton>
    </EmptyState>
  );
}

function NoDevices() {
  return (
    <EmptyState
      icon={Gateway}
      title="No device yet"
      detail="Connect your first home; it takes one command on the gateway."
    >
      <LinkButton {...paths.connect()}>Connect a home</LinkButton>
    </EmptyState>
  );
}
