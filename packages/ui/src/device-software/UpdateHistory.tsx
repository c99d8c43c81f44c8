import { Link } from '@tanstack/react-router';
import { History, Undo2 } from 'lucide-react';
import { DeviceDrawer } from '../deployments/DeviceDrawer.tsx';
import { DeviceUpdateChip } from '../deployments/DeviceUpdateChip.tsx';
import { causeTitle } from '../deployments/failure-text.ts';
import { useMayFor } from '../may.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { ListCard, type Listing } from '../parts/ListCard.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { Table, type Column } from '../parts/Table.tsx';
import { paths } from '../paths.ts';
import { useState } from 'react';
import { Button } from '@mantine/core';
import type { DeviceDeployment } from './under-way.ts';
import styles from './UpdateHistory.module.css';

/** What was rolled out to a house before, with the way back to each release that worked there. */
export function UpdateHistory({
  deviceId,
  query,
  updates,
  runs,
}: {
  deviceId: string;
  query: Listing;
  /** Undefined until there is an answer. */
  updates: readonly DeviceDeployment[] | undefined;
  /** The release that runs now. */
  runs: string | null;
}) {
  const may = useMayFor(deviceId);
  const [looked, setLooked] = useState<string>();
  const columns: Column<DeviceDeployment>[] = [
    {
      header: 'Release',
      cell: ({ deployment }) => (
        <>
          <b className={styles.release}>{deployment.artifactName}</b>
          <div className={styles.name}>
            <Link {...paths.deployment(deployment.id)}>{deployment.name}</Link>
          </div>
        </>
      ),
    },
    {
      header: 'State',
      cell: ({ device }) => (
        <>
          <DeviceUpdateChip device={device} />
          {device.cause && <div className={styles.name}>{causeTitle(device.cause.code)}</div>}
        </>
      ),
    },
    {
      header: 'When',
      cell: ({ device, deployment }) => <RelativeTime time={device.finishedAt ?? deployment.createdAt} />,
    },
    {
      header: 'What can be done',
      align: 'right',
      cell: ({ deployment, device }) => (
        <span className={styles.buttons}>
          <Button variant="subtle" size="compact-sm" onClick={() => setLooked(deployment.id)}>
            How it went<span className="visually-hidden"> with {deployment.artifactName}</span>
          </Button>
          {may('deployment.write') &&
            deployment.kind === 'software' &&
            device.state === 'success' &&
            deployment.artifactName !== runs && (
              <LinkButton
                {...paths.newDeployment({
                  release: deployment.artifactName,
                  houses: deviceId,
                  step: 'review',
                  name: `Back to ${deployment.artifactName}`,
                })}
                variant="default"
                size="compact-sm"
                leftSection={<Undo2 size={14} />}
              >
                Roll back…<span className="visually-hidden"> to {deployment.artifactName}</span>
              </LinkButton>
            )}
        </span>
      ),
    },
  ];
  return (
    <>
      <ListCard
        title="History"
        query={query}
        items={updates}
        empty={<EmptyState icon={History} title="Nothing was rolled out to this house yet" />}
      >
        {(rows) => <Table label="History" rows={rows} rowKey={({ deployment }) => deployment.id} columns={columns} />}
      </ListCard>
      {looked !== undefined && <DeviceDrawer id={looked} deviceId={deviceId} onClose={() => setLooked(undefined)} />}
    </>
  );
}
