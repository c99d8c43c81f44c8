/** What a gateway is made of, the keys it may come with, and the end of its life here. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Boxes } from 'lucide-react';
import { deviceQuery } from '../api.ts';
import { useMay } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { Decommission } from './Decommission.tsx';
import { Keys } from './Keys.tsx';
import styles from './InventoryTab.module.css';

const route = getRouteApi('/app/devices/$id');

export function InventoryTab() {
  const { id } = route.useParams();
  const may = useMay();
  const { data: device } = useQuery(deviceQuery(id));
  if (!device) return null;
  const attributes = Object.entries(device.inventory).toSorted(([a], [b]) =>
    a.localeCompare(b, 'en', { numeric: true }),
  );
  return (
    <div className={styles.columns}>
      <Card
        title="Inventory"
        aside={
          device.inventoryAt !== null && (
            <span className={styles.age}>
              reported <RelativeTime time={device.inventoryAt} />
            </span>
          )
        }
      >
        {attributes.length === 0 && (
          <EmptyState icon={Boxes} title="No inventory yet" detail="The gateway sends it after it has been accepted." />
        )}
        <dl className={styles.attributes}>
          {attributes.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{typeof value === 'string' ? value : value.join(', ')}</dd>
            </div>
          ))}
        </dl>
      </Card>
      <div className={styles.side}>
        <Keys device={device} />
        {may('device.accept') && <Decommission device={device} />}
      </div>
    </div>
  );
}
