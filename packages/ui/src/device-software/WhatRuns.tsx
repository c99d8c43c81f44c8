import type { DeviceSoftwareDetail } from '@lovely/api';
import { Link } from '@tanstack/react-router';
import { GitCompareArrows, Package } from 'lucide-react';
import { Card } from '../parts/Card.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { Facts } from '../parts/Facts.tsx';
import { Notice } from '../parts/Notice.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { paths } from '../paths.ts';
import { DriftChip, driftText } from '../versions/DriftChip.tsx';
import styles from './WhatRuns.module.css';

/** What runs on a house now, and what should but does not. */
export function WhatRuns({ software }: { software: DeviceSoftwareDetail }) {
  const { artifactName, deviceType, provides, toldBy, toldAt, drift, deployment } = software;
  const others = Object.entries(provides)
    .filter(([key]) => key !== 'artifact_name' && key !== 'device_type')
    .toSorted(([one], [other]) => one.localeCompare(other));
  if (toldAt === null)
    return (
      <Card title="What runs">
        <EmptyState
          icon={Package}
          title="Not known yet"
          detail="The gateway tells what it runs when it connects, or with its inventory."
        />
      </Card>
    );
  return (
    <Card
      title="What runs"
      aside={
        <span className={styles.told}>
          told {toldBy === 'inventory' ? 'by the inventory ' : ''}
          <RelativeTime time={toldAt} />
        </span>
      }
    >
      <div className={styles.runs}>
        <p className={styles.release}>
          <b>{artifactName ?? 'no release is known'}</b>
          {drift.length > 0 && <DriftChip drift={drift} />}
          {deployment && (
            <small>
              came with <Link {...paths.deployment(deployment.id)}>{deployment.name}</Link>
            </small>
          )}
        </p>
        {drift.length > 0 && (
          <Notice icon={GitCompareArrows} tone="warn" title="It does not run what it should">
            {drift.map(driftText).join('; ')}. Somebody may have changed it by hand; deploy the release again to mend
            it.
          </Notice>
        )}
        <Facts
          facts={[
            ...(deviceType === null ? [] : [{ name: 'Type of gateway', value: deviceType }]),
            ...others.map(([name, value]) => ({ name, value })),
          ]}
        />
      </div>
    </Card>
  );
}
