/** What lists of houses show of each. */
import type { Device } from '@lovely/api';
import { Link } from '@tanstack/react-router';
import { LastSeen } from '../device/LastSeen.tsx';
import { StateChip } from '../device/StateChip.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { rowLink, type Column } from '../parts/Table.tsx';
import { Tags } from '../parts/Tags.tsx';
import { paths } from '../paths.ts';
import styles from './device-columns.module.css';

export const DEVICE_COLUMNS: Column<Device>[] = [
  {
    header: 'House',
    cell: (device) => (
      <>
        <Link {...paths.device(device.id)} className={rowLink}>
          {device.name}
        </Link>
        {device.address !== '' && <div className={styles.address}>{device.address}</div>}
      </>
    ),
  },
  { header: 'State', cell: (device) => <StateChip device={device} /> },
  {
    header: 'Alerts',
    isWideOnly: true,
    cell: (device) =>
      device.openAlerts > 0 ? <b className="numeric">{device.openAlerts}</b> : <span className={styles.none}>–</span>,
  },
  { header: 'Last seen', cell: (device) => <LastSeen device={device} /> },
  { header: 'Tags', isWideOnly: true, cell: (device) => <Tags tags={device.tags} /> },
  { header: 'Joined', isWideOnly: true, align: 'right', cell: (device) => <RelativeTime time={device.createdAt} /> },
];
