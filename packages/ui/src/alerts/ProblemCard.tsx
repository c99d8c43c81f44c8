/** An alert as a person needs it: what is wrong, why, and what to do about it. */
import type { Alert } from '@lovely/api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { FixBox } from '../fixes/FixBox.tsx';
import { plural } from '../format/number.ts';
import { longSpan, toMs } from '../format/time.ts';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { paths } from '../paths.ts';
import { sensorsQuery } from '../sensors/sensor-queries.ts';
import { sensorName } from '../sensors/sensor-text.ts';
import { AlertStateChip } from './AlertStateChip.tsx';
import styles from './ProblemCard.module.css';
import { SeverityChip } from './SeverityChip.tsx';

export function ProblemCard({
  alert,
  hasHouse = false,
  actions,
}: {
  alert: Alert;
  /** Says which house it is, where that is not clear. */
  hasHouse?: boolean;
  actions?: ReactNode;
}) {
  const isOver = alert.closedAt !== null;
  return (
    <article className={styles.problem} data-severity={isOver ? 'over' : alert.severity}>
      <header>
        <span className={styles.chips}>
          <SeverityChip severity={alert.severity} />
          <AlertStateChip alert={alert} />
        </span>
        <span className={styles.age}>
          {alert.closedAt === null ? (
            <>
              opened <RelativeTime time={alert.openedAt} />
            </>
          ) : (
            `lasted ${longSpan(toMs(alert.closedAt) - toMs(alert.openedAt))}`
          )}
          {alert.count > 1 && ` · raised ${plural(alert.count, 'time')}`}
        </span>
      </header>
      <h2>{alert.title}</h2>
      {hasHouse && (
        <p className={styles.house}>
          <Link {...paths.device(alert.deviceId)}>{alert.deviceName}</Link>
        </p>
      )}
      <p className={styles.description}>
        {alert.source !== '' && <Source alert={alert} />}
        {alert.description}
      </p>
      {alert.cause !== '' && (
        <p className={styles.cause}>
          <b>Likely cause</b> {alert.cause}
        </p>
      )}
      {alert.closeReason !== null && alert.closeReason !== '' && (
        <p className={styles.cause}>
          <b>Closed because</b> {alert.closeReason}
        </p>
      )}
      {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      {!isOver && <FixBox alert={alert} />}
    </article>
  );
}

/** The sensor by its name, leading to it; else the part of the gateway as it is called. */
function Source({ alert: { deviceId, source, description } }: { alert: Alert }) {
  const { data } = useQuery(sensorsQuery(deviceId));
  const sensor = data?.items.find(({ id }) => id === source);
  // Mostly the description names it already.
  if (description.includes(sensor ? sensorName(sensor) : source)) return null;
  return <b>{sensor ? <Link {...paths.sensor(deviceId, source)}>{sensorName(sensor)}</Link> : source}: </b>;
}
