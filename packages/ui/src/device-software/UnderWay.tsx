import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { deploymentDeviceQuery } from '../deployments/deployment-queries.ts';
import { DeviceUpdate } from '../deployments/DeviceUpdate.tsx';
import { DeviceUpdateChip } from '../deployments/DeviceUpdateChip.tsx';
import { Card } from '../parts/Card.tsx';
import { paths } from '../paths.ts';
import type { DeviceDeployment } from './under-way.ts';
import styles from './UnderWay.module.css';

/** An update of a house that is on its way, live. */
export function UnderWay({ update: { deployment, device } }: { update: DeviceDeployment }) {
  const { data } = useQuery(deploymentDeviceQuery(deployment.id, device.deviceId));
  return (
    <Card
      title={`Update to ${deployment.artifactName}`}
      aside={
        <Link {...paths.deployment(deployment.id)} className={styles.link}>
          {deployment.name}
        </Link>
      }
    >
      {data ? <DeviceUpdate device={data} /> : <DeviceUpdateChip device={device} />}
    </Card>
  );
}
