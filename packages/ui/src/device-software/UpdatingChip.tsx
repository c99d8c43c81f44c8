import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { deviceDeploymentsQuery } from '../deployments/deployment-queries.ts';
import { DeviceUpdateChip } from '../deployments/DeviceUpdateChip.tsx';
import { paths } from '../paths.ts';
import { happeningOf } from './under-way.ts';
import styles from './UpdatingChip.module.css';

/** That a house is being updated now, and how far; nothing while it isn't. */
export function UpdatingChip({ deviceId }: { deviceId: string }) {
  const { data } = useInfiniteQuery(deviceDeploymentsQuery(deviceId));
  const happening = happeningOf(data?.pages.flatMap(({ items }) => items) ?? []);
  if (!happening) return null;
  return (
    <Link {...paths.device(deviceId, 'software')} className={styles.link}>
      <span className="visually-hidden">Update: </span>
      <DeviceUpdateChip device={happening.device} />
    </Link>
  );
}
