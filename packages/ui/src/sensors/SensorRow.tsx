import type { Sensor } from '@lovely/api';
import { Link } from '@tanstack/react-router';
import { paths } from '../paths.ts';
import { SensorIcon } from './SensorIcon.tsx';
import { SensorHealth } from './SensorHealth.tsx';
import { SensorUpdateChip } from './SensorUpdateChip.tsx';
import { isUpdating, mainValue, sensorDetail, sensorName } from './sensor-text.ts';
import styles from './SensorRow.module.css';

/** A sensor on one line: what it is, its most telling value, and a mark when something is wrong with it. */
export function SensorRow({
  deviceId,
  sensor,
  isChosen = false,
}: {
  deviceId: string;
  sensor: Sensor;
  isChosen?: boolean;
}) {
  const value = mainValue(sensor);
  return (
    <Link
      {...paths.sensor(deviceId, sensor.id)}
      className={styles.row}
      data-health={sensor.health}
      data-removed={sensor.removedAt !== null || undefined}
      data-on={isChosen || undefined}
      aria-current={isChosen ? 'true' : undefined}
    >
      <span className={styles.icon}>
        <SensorIcon kind={sensor.kind} size={17} />
      </span>
      <span className={styles.text}>
        <b>{sensorName(sensor)}</b>
        <small>{sensorDetail(sensor)}</small>
      </span>
      <span className={styles.end}>
        {sensor.update !== null && isUpdating(sensor) ? (
          <SensorUpdateChip {...sensor.update} />
        ) : (
          value !== '' && <span className={styles.value}>{value}</span>
        )}
        <SensorHealth sensor={sensor} isQuiet />
      </span>
    </Link>
  );
}
