import type { Sensor } from '@lovely/api';
import { Link } from '@tanstack/react-router';
import { Card } from '../parts/Card.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { paths } from '../paths.ts';
import { SensorUpdateChip } from './SensorUpdateChip.tsx';
import styles from './SensorUpdateCard.module.css';

/** What the sensor runs, and the update of that which is under way or was the last. */
export function SensorUpdateCard({ firmware, update }: { firmware: string; update: NonNullable<Sensor['update']> }) {
  const { deploymentId, deploymentName, state, percent, message, at } = update;
  return (
    <Card title={firmware === '' ? 'Firmware' : `Firmware ${firmware}`}>
      <p className={styles.update}>
        <SensorUpdateChip state={state} percent={percent} />
        <span>
          <Link {...paths.deployment(deploymentId)}>{deploymentName}</Link>, <RelativeTime time={at} />
        </span>
      </p>
      {message !== '' && <p className={styles.message}>{message}</p>}
    </Card>
  );
}
