import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ErrorState } from '../parts/ErrorState.tsx';
import { SidePanel } from '../parts/SidePanel.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { deploymentDeviceQuery } from './deployment-queries.ts';
import styles from './DeviceDrawer.module.css';
import { DeviceUpdate } from './DeviceUpdate.tsx';

/** One house of a deployment, over the page. */
export function DeviceDrawer({ id, deviceId, onClose }: { id: string; deviceId: string; onClose: () => void }) {
  const query = useQuery(deploymentDeviceQuery(id, deviceId));
  return (
    <SidePanel title={query.data?.deviceName ?? 'House'} onClose={onClose}>
      {query.isPending && <Waiting rows={4} rowHeight={56} />}
      {query.isError && !query.data && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && (
        <div className={styles.drawer}>
          <DeviceUpdate device={query.data} />
          <Link {...paths.device(deviceId, 'software')}>All software of this house</Link>
        </div>
      )}
    </SidePanel>
  );
}
