/** Gateways that knock: compare the fingerprint with what the gateway prints, then let it in or not. */
import type { Device } from '@lovely/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import { devicesQuery } from '../api.ts';
import { PendingKey } from '../device/PendingKey.tsx';
import { useMay } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { MoreButton } from '../parts/MoreButton.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { Page } from '../shell/Page.tsx';
import { DevicesHeader } from './DevicesHeader.tsx';
import styles from './PendingPage.module.css';

export function PendingPage() {
  const may = useMay();
  const query = useInfiniteQuery(devicesQuery({ status: 'pending' }));
  const devices = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page>
      <DevicesHeader />
      <Card isFlush>
        {query.isPending && <Waiting rows={3} rowHeight={72} />}
        {query.isError && !query.data && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {query.data && devices.length === 0 && (
          <EmptyState
            icon={ShieldCheck}
            tone="ok"
            title="Nobody is waiting"
            detail="New gateways appear here before they may talk to the system."
          >
            {may('device.accept') && (
              <LinkButton {...paths.connect()} variant="default">
                Connect a home
              </LinkButton>
            )}
          </EmptyState>
        )}
        <ul className={styles.list}>
          {devices.map((device) => (
            <PendingRow key={device.id} device={device} />
          ))}
        </ul>
        <MoreButton query={query} />
      </Card>
    </Page>
  );
}

function PendingRow({ device }: { device: Device }) {
  return (
    <li className={styles.row}>
      <div className={styles.name}>
        <Link {...paths.device(device.id)}>{device.name}</Link>
        <span>
          first seen <RelativeTime time={device.createdAt} />
        </span>
      </div>
      <PendingKey deviceId={device.id} />
    </li>
  );
}
