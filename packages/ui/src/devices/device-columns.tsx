/** What lists of houses show of each. */
import type { Device } from '@lovely/api';
import { Checkbox } from '@mantine/core';
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

/** The same with a box before each name, to choose several. */
export function withCheckbox(
  selected: ReadonlySet<string>,
  onChange: (selected: ReadonlySet<string>) => void,
): Column<Device>[] {
  const [name, ...others] = DEVICE_COLUMNS;
  if (!name) return [];
  const toggle = (id: string): void => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onChange(next);
  };
  const withBox: Column<Device> = {
    ...name,
    cell: (device) => (
      <div className={styles.house}>
        <Checkbox
          size="xs"
          aria-label={`Select ${device.name}`}
          checked={selected.has(device.id)}
          onChange={() => toggle(device.id)}
        />
        <div>{name.cell(device)}</div>
      </div>
    ),
  };
  return [withBox, ...others];
}
