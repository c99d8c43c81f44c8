/** One sensor: how it fares, what is wrong, its last values, and what it is. */
import type { Sensor } from '@lovely/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import { AlertList } from '../alerts/AlertList.tsx';
import { ProblemCard } from '../alerts/ProblemCard.tsx';
import { alertsQuery } from '../api.ts';
import { Card } from '../parts/Card.tsx';
import { Facts, type Fact } from '../parts/Facts.tsx';
import { MoreButton } from '../parts/MoreButton.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { SensorIcon } from './SensorIcon.tsx';
import { SensorHealth } from './SensorHealth.tsx';
import { SensorUpdateCard } from './SensorUpdateCard.tsx';
import { kindTitle, sensorName, sensorValues } from './sensor-text.ts';
import styles from './SensorDetail.module.css';

export function SensorDetail({ deviceId, sensor }: { deviceId: string; sensor: Sensor }) {
  const alerts = useInfiniteQuery(alertsQuery({ deviceId }));
  const ofHouse = alerts.data?.pages.flatMap(({ items }) => items) ?? [];
  const all = ofHouse.filter(({ source }) => source === sensor.id);
  const open = all.filter(({ closedAt }) => closedAt === null);
  const over = all.filter(({ closedAt }) => closedAt !== null);
  const values = sensorValues(sensor);
  return (
    <section className={styles.sensor} aria-labelledby="sensor">
      <header className={styles.header}>
        <SensorIcon kind={sensor.kind} size={22} />
        <h2 id="sensor">{sensorName(sensor)}</h2>
        <SensorHealth sensor={sensor} />
      </header>
      {open.map((alert) => (
        <ProblemCard key={alert.id} alert={alert} />
      ))}
      {sensor.update !== null && <SensorUpdateCard firmware={sensor.firmware} update={sensor.update} />}
      <Card
        title="Last values"
        aside={
          sensor.reportedAt !== null && (
            <small className={styles.age}>
              reported <RelativeTime time={sensor.reportedAt} />
            </small>
          )
        }
      >
        {values.length === 0 && <p className={styles.none}>It has not reported any value yet.</p>}
        <dl className={styles.values}>
          {values.map(({ name, label, text }) => (
            <div key={name} title={name}>
              <dt>{label}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </Card>
      <Card title="About">
        <Facts facts={facts(sensor)} />
      </Card>
      {over.length > 0 && (
        <Card title="Problems that are over" isFlush>
          <AlertList alerts={over} />
          <MoreButton query={alerts} />
        </Card>
      )}
    </section>
  );
}

function facts(sensor: Sensor): Fact[] {
  const known: Fact[] = [
    { name: 'Kind', value: kindTitle(sensor.kind) },
    { name: 'Place', value: sensor.place },
    { name: 'Model', value: sensor.model },
    { name: 'Firmware', value: sensor.firmware },
    { name: 'Serial', value: sensor.serial },
    { name: 'Id', value: sensor.id },
  ];
  return [
    ...known.filter(({ value }) => value !== ''),
    { name: 'Known since', value: <RelativeTime time={sensor.createdAt} /> },
    ...(sensor.removedAt === null ? [] : [{ name: 'Removed', value: <RelativeTime time={sensor.removedAt} /> }]),
  ];
}
