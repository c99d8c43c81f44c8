/** The sensors of a house on its first page: those with a problem first. Nothing for a house without any. */
import type { Sensor } from '@lovely/api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { plural } from '../format/number.ts';
import { paths } from '../paths.ts';
import { sensorsQuery } from './sensor-queries.ts';
import { SensorRow } from './SensorRow.tsx';
import styles from './SensorsCard.module.css';

const WORST_FIRST: readonly Sensor['health'][] = ['critical', 'offline', 'warning', 'unknown', 'ok'];

export function SensorsCard({ deviceId, shownMax }: { deviceId: string; shownMax: number }) {
  const { data } = useQuery(sensorsQuery(deviceId));
  const sensors = data?.items.filter(({ removedAt }) => removedAt === null) ?? [];
  if (sensors.length === 0) return null;
  const shown = sensors
    .toSorted((one, other) => WORST_FIRST.indexOf(one.health) - WORST_FIRST.indexOf(other.health))
    .slice(0, shownMax);
  return (
    <section className={styles.sensors} aria-labelledby="sensors">
      <header>
        <h2 id="sensors">Sensors</h2>
        <Link {...paths.device(deviceId, 'sensors')}>
          {sensors.length > shown.length ? `all ${plural(sensors.length, 'sensor')}` : plural(sensors.length, 'sensor')}
        </Link>
      </header>
      <div className={styles.rows}>
        {shown.map((sensor) => (
          <SensorRow key={sensor.id} deviceId={deviceId} sensor={sensor} />
        ))}
      </div>
    </section>
  );
}
