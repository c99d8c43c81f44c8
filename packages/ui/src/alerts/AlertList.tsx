import type { Alert } from '@lovely/api';
import { ActionIcon } from '@mantine/core';
import { Link, type LinkProps } from '@tanstack/react-router';
import { ChevronDown, CircleCheck } from 'lucide-react';
import { useId, useState } from 'react';
import { longSpan, toMs } from '../format/time.ts';
import { Chip } from '../parts/Chip.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { paths } from '../paths.ts';
import { SeverityChip } from './SeverityChip.tsx';
import styles from './AlertList.module.css';

/** Alerts, each to unfold; with the name of the house, and leading there, where it is not clear which one is meant. */
export function AlertList({
  alerts,
  hasDeviceNames = false,
  linkOf = ({ deviceId }) => paths.device(deviceId),
}: {
  alerts: readonly Alert[];
  hasDeviceNames?: boolean;
  /** Where the name of the house leads. */
  linkOf?: (alert: Alert) => Pick<LinkProps, 'to' | 'params' | 'search'>;
}) {
  return (
    <ul className={styles.list}>
      {alerts.map((alert) => (
        <AlertItem key={alert.id} alert={alert} hasDeviceName={hasDeviceNames} link={linkOf(alert)} />
      ))}
    </ul>
  );
}

function AlertItem({
  alert,
  hasDeviceName,
  link,
}: {
  alert: Alert;
  hasDeviceName: boolean;
  link: Pick<LinkProps, 'to' | 'params' | 'search'>;
}) {
  const [isOpen, setOpen] = useState(false);
  const moreId = useId();
  return (
    <li className={styles.item}>
      <div className={styles.row}>
        <span className={styles.state}>
          {alert.closedAt === null ? (
            <SeverityChip severity={alert.severity} />
          ) : (
            <Chip tone="ok" icon={CircleCheck}>
              Closed
            </Chip>
          )}
        </span>
        <span className={styles.what} data-open={isOpen || undefined}>
          {hasDeviceName && (
            <Link {...link} className={styles.device}>
              {alert.deviceName}
            </Link>
          )}
          <b>{alert.title}</b>
          <span className={styles.description}>{alert.description}</span>
        </span>
        <span className={styles.when}>
          <RelativeTime time={alert.openedAt} />
          {alert.closedAt !== null && <small>lasted {longSpan(toMs(alert.closedAt) - toMs(alert.openedAt))}</small>}
        </span>
        <ActionIcon
          className={styles.toggle}
          variant="subtle"
          color="gray"
          aria-label={isOpen ? 'Hide cause and steps' : 'Show cause and steps'}
          aria-expanded={isOpen}
          aria-controls={moreId}
          onClick={() => setOpen(!isOpen)}
        >
          <ChevronDown size={17} />
        </ActionIcon>
      </div>
      <div className={styles.more} id={moreId} hidden={!isOpen}>
        <p>
          <b>Likely cause</b> {alert.cause}
        </p>
        <ol>
          {alert.suggestion.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </div>
    </li>
  );
}
