/** All devices, filtered by what the address says. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Router as Gateway, SearchX } from 'lucide-react';
import { useState } from 'react';
import { devicesQuery } from '../api.ts';
import { useMay } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { MoreButton } from '../parts/MoreButton.tsx';
import { Table } from '../parts/Table.tsx';
import { useRowKeys } from '../parts/use-row-keys.ts';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { Page } from '../shell/Page.tsx';
import { DEVICE_COLUMNS, withCheckbox } from './device-columns.tsx';
import { DeviceFilters } from './DeviceFilters.tsx';
import { DevicesHeader } from './DevicesHeader.tsx';
import { SelectionBar } from './SelectionBar.tsx';

const route = getRouteApi('/app/devices');

export function DevicesPage() {
  const filter = route.useSearch();
  const query = useInfiniteQuery(devicesQuery(filter));
  const devices = query.data?.pages.flatMap((page) => page.items) ?? [];
  const may = useMay();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  useRowKeys();
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  return (
    <Page>
      <DevicesHeader />
      <DeviceFilters filter={filter} />
      <Card isFlush>
        {query.isPending && <Waiting rows={8} />}
        {query.isError && !query.data && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {query.data && devices.length > 0 && (
          <Table
            label="Devices"
            columns={may('group.write') ? withCheckbox(selected, setSelected) : DEVICE_COLUMNS}
            rows={devices}
            rowKey={(device) => device.id}
          />
        )}
        {query.data && devices.length === 0 && (isFiltered ? <NothingFound /> : <NoDevices />)}
        <MoreButton query={query} />
      </Card>
      {selected.size > 0 && <SelectionBar selected={selected} onDone={() => setSelected(new Set())} />}
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
  const may = useMay();
  if (!may('device.accept')) return <EmptyState icon={Gateway} title="No device that you may see" />;
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
