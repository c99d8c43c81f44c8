import type { DeploymentSensor } from '@lovely/api';
import { CircleCheck, CircleX, Clock, LoaderCircle, ScanSearch, Send, Undo2, type LucideIcon } from 'lucide-react';
import type { SensorUpdateState } from '@lovely/protocol';
import { Chip, type Tone } from '../parts/Chip.tsx';
import styles from './UpdateSensors.module.css';

const LOOKS: Readonly<Record<SensorUpdateState, readonly [Tone, LucideIcon, string]>> = {
  waiting: ['offline', Clock, 'Waiting'],
  transferring: ['pending', Send, 'Transferring'],
  verifying: ['pending', ScanSearch, 'Verifying'],
  activating: ['pending', LoaderCircle, 'Activating'],
  success: ['ok', CircleCheck, 'Done'],
  'rolling-back': ['warn', Undo2, 'Going back'],
  'rolled-back': ['warn', Undo2, 'Rolled back'],
  failure: ['bad', CircleX, 'Failed'],
  'already-installed': ['ok', CircleCheck, 'Had it already'],
};

/** The sensors of a house that the update is for. */
export function UpdateSensors({ sensors }: { sensors: readonly DeploymentSensor[] }) {
  return (
    <section aria-label="Sensors">
      <h3 className={styles.title}>Sensors</h3>
      <ul className={styles.sensors}>
        {sensors.map((sensor) => {
          const [tone, icon, text] =
            LOOKS[sensor.state as SensorUpdateState] ?? (['offline', Clock, sensor.state] as const);
          return (
            <li key={sensor.id}>
              <span className={styles.name}>
                {sensor.name}
                {sensor.message !== '' && <small>{sensor.message}</small>}
              </span>
              <Chip tone={tone} icon={icon}>
                {sensor.percent === null || tone !== 'pending' ? text : `${text} ${sensor.percent}%`}
              </Chip>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
