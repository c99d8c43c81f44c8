/** Pre-authorises gateways before they call: many from a CSV file, or one by hand. */
import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { paths } from '../paths.ts';
import { Page } from '../shell/Page.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { FileImport } from './FileImport.tsx';
import { OneDevice } from './OneDevice.tsx';
import styles from './ImportPage.module.css';

export function ImportPage() {
  const [way, setWay] = useState<'file' | 'one'>('file');
  return (
    <Page>
      <PageHeader
        back={{ label: 'Devices', link: paths.devices() }}
        title="Pre-authorise gateways"
        detail="They are accepted by themselves when they first call with the key that is given here."
      />
      <div className={styles.way}>
        <SegmentedControl
          aria-label="How many"
          data={[
            { value: 'file', label: 'Many, from a CSV file' },
            { value: 'one', label: 'One' },
          ]}
          value={way}
          onChange={setWay}
        />
      </div>
      {way === 'file' ? <FileImport /> : <OneDevice />}
    </Page>
  );
}
