/** The selected house: how it fares, what is wrong in plain words, what to do, and the way in. */
import type { DeviceDetail } from '@lovely/api';
import { CloseButton, UnstyledButton } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { ArrowRight, SquareTerminal } from 'lucide-react';
import { useState } from 'react';
import { alertsQuery, deviceQuery } from '../api.ts';
import { MetricSpark } from '../alerts/MetricSpark.tsx';
import { ProblemCard } from '../alerts/ProblemCard.tsx';
import { LastSeen } from '../device/LastSeen.tsx';
import { StateChip } from '../device/StateChip.tsx';
import { UpdatingChip } from '../device-software/UpdatingChip.tsx';
import { HelpedNotices } from '../fixes/HelpedNotices.tsx';
import { toMs } from '../format/time.ts';
import { useMay } from '../may.ts';
import { ErrorState } from '../parts/ErrorState.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { HouseFacts } from './HouseFacts.tsx';
import { HouseSensors } from './HouseSensors.tsx';
import styles from './HousePanel.module.css';
import { useEscape } from './use-escape.ts';

export function HousePanel({ id, onClose }: { id: string; onClose: () => void }) {
  const device = useQuery(deviceQuery(id));
  const [isTall, setTall] = useState(false);
  useEscape(onClose);
  return (
    <section
      className={styles.panel}
      aria-label={device.data ? `House ${device.data.name}` : 'House'}
      data-health={device.data?.health}
      data-tall={isTall || undefined}
    >
      <UnstyledButton
        className={styles.handle}
        aria-label={isTall ? 'Make smaller' : 'Make larger'}
        onClick={() => setTall(!isTall)}
      />
      <CloseButton className={styles.close ?? ''} aria-label="Close" onClick={onClose} />
      <div className={styles.scroll}>
        {device.isPending && <Waiting rows={4} rowHeight={36} />}
        {device.isError && !device.data && <ErrorState error={device.error} onRetry={() => void device.refetch()} />}
        {device.data && <House device={device.data} />}
      </div>
    </section>
  );
}

function House({ device }: { device: DeviceDetail }) {
  const may = useMay();
  const alerts = useInfiniteQuery(alertsQuery({ deviceId: device.id, state: 'active' }));
  const open = alerts.data?.pages.flatMap((page) => page.items) ?? [];
  const [first] = open
    .filter(({ state }) => state !== 'snoozed')
    .toSorted((one, other) => toMs(one.openedAt) - toMs(other.openedAt));
  const isAway = !device.connected && device.connectionChangedAt !== null;
  return (
    <>
      <header className={styles.header}>
        <StateChip device={device} />
        {first && device.health !== 'offline' && (
          <small>
            since <RelativeTime time={first.openedAt} />
          </small>
        )}{' '}
        <UpdatingChip deviceId={device.id} />
        <h2>{device.name}</h2>
        {device.address !== '' && <p>{device.address}</p>}
      </header>
      <div className={styles.body}>
        {open.map((alert) => (
          <div key={alert.id} className={styles.problem} data-only={open.length === 1 || undefined}>
            <ProblemCard alert={alert} />
            <MetricSpark alert={alert} />
          </div>
        ))}
        <HelpedNotices deviceId={device.id} />
        {isAway && device.disconnectWords !== null && (
          <p className={styles.quiet}>
            Not connected, <LastSeen device={device} />: {device.disconnectWords}.
          </p>
        )}
        {alerts.data && open.length === 0 && device.connected && (
          <p className={styles.quiet}>Everything is fine here.</p>
        )}
        <div className={styles.actions}>
          {may('device.terminal') && (
            <LinkButton
              {...paths.device(device.id, 'terminal')}
              variant="default"
              leftSection={<SquareTerminal size={16} />}
            >
              Terminal
            </LinkButton>
          )}
          <LinkButton {...paths.device(device.id)} variant="default" rightSection={<ArrowRight size={15} />}>
            Open device page
          </LinkButton>
        </div>
        <HouseSensors deviceId={device.id} />
        <HouseFacts device={device} />
      </div>
    </>
  );
}
