import { useQuery } from '@tanstack/react-query';
import { SensorsCard } from '../sensors/SensorsCard.tsx';
import { sensorsQuery } from '../sensors/sensor-queries.ts';
import styles from './HouseSensors.module.css';

const SHOWN = 4;

/** The sensors of a house in short, those with a problem first. */
export function HouseSensors({ deviceId }: { deviceId: string }) {
  const { data } = useQuery(sensorsQuery(deviceId));
  if (!data || data.items.length === 0) return null;
  return (
    <div className={styles.sensors}>
      <SensorsCard deviceId={deviceId} shownMax={SHOWN} />
    </div>
  );
}
