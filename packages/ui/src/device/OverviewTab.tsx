/** The first look at a device: its problems with what to do, its figures, its place. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { CircleCheckBig, Clock, WifiOff } from 'lucide-react';
import { alertsQuery, deviceQuery } from '../api.ts';
import { AlertActions } from '../alerts/AlertActions.tsx';
import { ProblemCard } from '../alerts/ProblemCard.tsx';
import { HelpedNotices } from '../fixes/HelpedNotices.tsx';
import { Card } from '../parts/Card.tsx';
import { Facts } from '../parts/Facts.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { Notice } from '../parts/Notice.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { PlaceCard } from '../place/PlaceCard.tsx';
import { SensorsCard } from '../sensors/SensorsCard.tsx';
import { DeviceGroups } from './DeviceGroups.tsx';
import { PendingKey } from './PendingKey.tsx';
import { Vitals } from './Vitals.tsx';
import styles from './OverviewTab.module.css';

const route = getRouteApi('/app/devices/$id');

const SENSORS_SHOWN = 8;

export function OverviewTab() {
  const { id } = route.useParams();
  const { data: device } = useQuery(deviceQuery(id));
  const alerts = useInfiniteQuery(alertsQuery({ deviceId: id, state: 'active' }));
  const open = alerts.data?.pages.flatMap((page) => page.items) ?? [];
  if (!device) return null;
  const isAway = device.status === 'accepted' && !device.connected;
  return (
    <div className={styles.columns}>
      <div className={styles.main}>
        {device.status === 'pending' && (
          <Card title="This gateway asks to join" aside={<Clock size={16} aria-hidden />}>
            <p className={styles.text}>Accept it if the fingerprint is the one that the gateway prints.</p>
            <PendingKey deviceId={id} />
          </Card>
        )}
        {alerts.isError && <ErrorState error={alerts.error} onRetry={() => void alerts.refetch()} />}
        {open.map((alert) => (
          <ProblemCard
            key={alert.id}
            alert={alert}
            actions={
              <AlertActions which={[{ kind: 'alerts', ids: [alert.id] }]} state={alert.state} sampleId={alert.id} />
            }
          />
        ))}
        <HelpedNotices deviceId={id} />
        {isAway && device.connectionChangedAt !== null && (
          <Notice icon={WifiOff} tone="warn" title="This gateway is not connected">
            It left <RelativeTime time={device.connectionChangedAt} />
            {device.disconnectWords !== null && `: ${device.disconnectWords}`}. The values below are the last it sent;
            the terminal opens when it is back.
          </Notice>
        )}
        {alerts.data && open.length === 0 && device.connected && (
          <Notice icon={CircleCheckBig} tone="ok" title="Everything is fine here">
            No open alert.
          </Notice>
        )}
        {device.status !== 'pending' && (
          <>
            <SensorsCard deviceId={id} shownMax={SENSORS_SHOWN} />
            <Vitals deviceId={id} />
          </>
        )}
      </div>
      <aside className={styles.side}>
        <PlaceCard deviceId={id} location={device.location} />
        <DeviceGroups deviceId={id} />
        <Card title="About">
          <Facts
            facts={[
              { name: 'Joined', value: <RelativeTime time={device.createdAt} /> },
              { name: 'Client', value: device.client ?? (device.inventoryAt === null ? '—' : 'Mender client') },
              ...Object.entries(device.identity).map(([name, value]) => ({ name, value: String(value) })),
              ...(device.tags.length > 0 ? [{ name: 'Tags', value: device.tags.join(', ') }] : []),
            ]}
          />
        </Card>
      </aside>
    </div>
  );
}
