import type { DeploymentSensor } from '@lovely/api';
import { SensorUpdateChip } from '../sensors/SensorUpdateChip.tsx';
import styles from './UpdateSensors.module.css';

/** The sensors of a house that the update is for. */
export function UpdateSensors({ sensors }: { sensors: readonly DeploymentSensor[] }) {
  return (
    <section aria-label="Sensors">
      <h3 className={styles.title}>Sensors</h3>
      <ul className={styles.sensors}>
        {sensors.map((sensor) => (
          <li key={sensor.id}>
            <span className={styles.name}>
              {sensor.name === '' ? sensor.id : sensor.name}
              {sensor.message !== '' && <small>{sensor.message}</small>}
            </span>
            <SensorUpdateChip state={sensor.state} percent={sensor.percent} />
          </li>
        ))}
      </ul>
    </section>
  );
}
