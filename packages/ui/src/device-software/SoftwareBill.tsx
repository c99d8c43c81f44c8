import type { DeviceSoftwareDetail } from '@lovely/api';
import { Card } from '../parts/Card.tsx';
import { Table, type Column } from '../parts/Table.tsx';
import styles from './SoftwareBill.module.css';

type Item = DeviceSoftwareDetail['bill'][number];

const FROM: Readonly<Record<Item['from'], string>> = {
  provides: 'its updates',
  inventory: 'its inventory',
  sensor: 'the sensor',
};

/** Everything known of what is installed, on the gateway and on the sensors behind it. */
export function SoftwareBill({ bill }: { bill: DeviceSoftwareDetail['bill'] }) {
  return (
    <Card isFlush title="Software bill">
      <Table
        label="Software bill"
        rows={bill}
        rowKey={({ source, name, from }) => `${source} ${name} ${from}`}
        columns={columns}
      />
    </Card>
  );
}

const columns: Column<Item>[] = [
  {
    header: 'Name',
    cell: ({ name, sourceName, source }) => (
      <>
        {name}
        {source !== '' && <div className={styles.quiet}>{sourceName}</div>}
      </>
    ),
  },
  { header: 'Version', cell: ({ version }) => <b className={styles.version}>{version}</b> },
  { header: 'Known from', align: 'right', cell: ({ from }) => <span className={styles.quiet}>{FROM[from]}</span> },
];
