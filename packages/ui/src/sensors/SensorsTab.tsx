/** The sensors of one house: all in a list, and one with everything that is known of it. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Radio } from 'lucide-react';
import { Card } from '../parts/Card.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { TwoPanes } from '../parts/TwoPanes.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { SensorDetail } from './SensorDetail.tsx';
import { sensorsQuery } from './sensor-queries.ts';
import { SensorRow } from './SensorRow.tsx';
import styles from './SensorsTab.module.css';

const route = getRouteApi('/app/devices/$id/sensors');

export function SensorsTab() {
  const { id } = route.useParams();
  const { sensor: chosenId } = route.useSearch();
  const query = useQuery(sensorsQuery(id));
  if (query.isPending) return <Waiting rows={4} />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const sensors = query.data.items;
  // Where there is room for both panes, the first one is looked at until another is chosen.
  const chosen = chosenId === undefined ? sensors[0] : sensors.find((sensor) => sensor.id === chosenId);
  if (sensors.length === 0)
    return (
      <Card isFlush>
        <EmptyState
          icon={Radio}
          title="No sensor has reported yet"
          detail="Programs on the gateway register sensors over D-Bus or a socket; they appear here by themselves."
        />
      </Card>
    );
  return (
    <TwoPanes
      isChosen={chosenId !== undefined}
      back={{ label: 'All sensors', link: paths.device(id, 'sensors') }}
      list={
        <nav className={styles.list} aria-label="Sensors">
          {sensors.map((sensor) => (
            <SensorRow key={sensor.id} deviceId={id} sensor={sensor} isChosen={sensor === chosen} />
          ))}
        </nav>
      }
    >
      {chosen ? (
        <SensorDetail key={chosen.id} deviceId={id} sensor={chosen} />
      ) : (
        <EmptyState icon={Radio} title="This house has no such sensor" />
      )}
    </TwoPanes>
  );
}
