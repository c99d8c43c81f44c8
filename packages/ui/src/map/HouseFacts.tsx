/** The last known figures of a house, as far as its gateway reports them. */
import type { DeviceDetail, Metric } from '@lovely/api';
import { useQuery } from '@tanstack/react-query';
import { deviceStatusQuery } from '../api.ts';
import { LastSeen } from '../device/LastSeen.tsx';
import { houseFacts } from './house-facts.ts';
import styles from './HouseFacts.module.css';

export function HouseFacts({ device }: { device: DeviceDetail }) {
  const { data } = useQuery(deviceStatusQuery(device.id));
  const facts = houseFacts(data?.metrics.filter(isOfGateway) ?? []);
  return (
    <dl className={styles.facts}>
      <div>
        <dt>Last seen</dt>
        <dd>
          <LastSeen device={device} />
        </dd>
      </div>
      {device.client !== null && (
        <div>
          <dt>Client</dt>
          <dd>{device.client}</dd>
        </div>
      )}
      {facts.map(({ name, text, isHigh }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd data-high={isHigh || undefined}>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function isOfGateway(metric: Metric): boolean {
  return metric.source === '';
}
