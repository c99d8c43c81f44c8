/** What lists of houses show of the software of each. */
import type { DeviceSoftware } from '@lovely/api';
import { Link } from '@tanstack/react-router';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { rowLink, type Column } from '../parts/Table.tsx';
import { paths } from '../paths.ts';
import { DriftChip } from './DriftChip.tsx';
import { RELEASE_KEY } from './software-queries.ts';
import styles from './software-columns.module.css';

/** @param key a part of the software beside the release */
export function softwareColumns(key: string | undefined): Column<DeviceSoftware>[] {
  const part: Column<DeviceSoftware> | undefined =
    key === undefined || key === RELEASE_KEY
      ? undefined
      : { header: key, cell: ({ provides }) => provides[key] ?? <span className={styles.none}>–</span> };
  return [
    {
      header: 'House',
      cell: ({ deviceId, deviceName, connected }) => (
        <>
          <Link {...paths.device(deviceId, 'software')} className={rowLink}>
            {deviceName}
          </Link>
          {!connected && <div className={styles.none}>away</div>}
        </>
      ),
    },
    {
      header: 'Release',
      cell: ({ artifactName }) => artifactName ?? <span className={styles.none}>not known</span>,
    },
    ...(part ? [part] : []),
    { header: 'Type', isWideOnly: true, cell: ({ deviceType }) => deviceType ?? '–' },
    { header: 'Drift', cell: ({ drift }) => drift.length > 0 && <DriftChip drift={drift} /> },
    {
      header: 'Since',
      align: 'right',
      cell: ({ changedAt }) =>
        changedAt === null ? <span className={styles.none}>–</span> : <RelativeTime time={changedAt} />,
    },
  ];
}
