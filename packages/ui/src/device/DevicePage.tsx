/** One device: its head, and a tab below it. */
import { ApiError } from '@lovely/api';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Outlet } from '@tanstack/react-router';
import { deviceQuery } from '../api.ts';
import { useMay } from '../may.ts';
import { ErrorState } from '../parts/ErrorState.tsx';
import { Tabs } from '../parts/Tabs.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { NotFoundPage } from '../shell/NotFoundPage.tsx';
import { Page } from '../shell/Page.tsx';
import { DeviceHeader } from './DeviceHeader.tsx';

const route = getRouteApi('/app/devices/$id');

export function DevicePage() {
  const { id } = route.useParams();
  const query = useQuery(deviceQuery(id));
  const may = useMay();
  if (query.isPending)
    return (
      <Page>
        <Waiting rows={3} rowHeight={90} />
      </Page>
    );
  if (query.isError && isGone(query.error)) return <NotFoundPage />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} isPage />;
  const device = query.data;
  return (
    <Page>
      <DeviceHeader device={device} />
      <Tabs
        label="Device"
        tabs={[
          { label: 'Overview', link: paths.device(id) },
          { label: 'Alerts', link: paths.device(id, 'alerts'), count: device.openAlerts },
          { label: 'Sensors', link: paths.device(id, 'sensors') },
          { label: 'Charts', link: paths.device(id, 'charts') },
          { label: 'Software', link: paths.device(id, 'software') },
          { label: 'Configuration', link: paths.device(id, 'configuration') },
          ...(may('device.terminal') ? [{ label: 'Terminal', link: paths.device(id, 'terminal') }] : []),
          { label: 'Inventory & keys', link: paths.device(id, 'inventory') },
        ]}
      />
      <Outlet />
    </Page>
  );
}

function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.problem.status === 404 || error.problem.status === 422);
}
