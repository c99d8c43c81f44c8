import type { Alert } from '@lovely/api';
import { Link } from '@tanstack/react-router';
import { CircleCheck } from 'lucide-react';
import { longSpan, toMs } from '../format/time.ts';
import { Chip } from '../parts/Chip.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { paths } from '../paths.ts';
import { SeverityChip } from './SeverityChip.tsx';
import styles from './AlertList.module.css';

/** Alerts, each to unfold; with the name of the house where it is not clear which one is meant. */
export function AlertList({ alerts, hasDeviceNames = false }: { alerts: readonly Alert[]; hasDeviceNames?: boolean }) {
  return (
    <ul className={styles.list}>
      {alerts.map((alert) => (
        <li key={alert.id} className={styles.item}>
          <details>
            <summary>
              <span className={styles.state}>
                {alert.closedAt === null ? (
                  <SeverityChip severity={alert.severity} />
                ) : (
                  <Chip tone="ok" icon={CircleCheck}>
                    Closed
                  </Chip>
                )}
              </span>
              <span className={styles.what}>
                {hasDeviceNames && (
                  <Link {...paths.device(alert.deviceId)} className={styles.device}>
                    {alert.deviceName}
                  </Link>
                )}
                <b>{alert.title}</b>
                <span className={styles.description}>{alert.description}</span>
              </span>
              <span className={styles.when}>
                <RelativeTime time={alert.openedAt} />
                {alert.closedAt !== null && (
                  <small>lasted {longSpan(toMs(alert.closedAt) - toMs(alert.openedAt))}</small>
                )}
              </span>
            </summary>
            <div className={styles.more}>
              <p>
                <b>Likely cause</b> {alert.cause}
              </p>
              <ol>
                {alert.suggestion.map((step) => (
                  <li key={step}>{step}</li>
                ))}
              </ol>
              <Link {...paths.device(alert.deviceId)}>To the house</Link>
            </div>
          </details>
        </li>
      ))}
    </ul>
  );
}
