/** The keys that a device has come with, and what was decided about each. */
import type { AuthSet, DeviceDetail } from '@lovely/api';
import { Button } from '@mantine/core';
import { CircleCheck, CircleSlash, Clock } from 'lucide-react';
import { useMay } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { Chip } from '../parts/Chip.tsx';
import { Fingerprint } from '../parts/Fingerprint.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { useKeyDecision } from './key-decision.ts';
import styles from './Keys.module.css';

export function Keys({ device }: { device: DeviceDetail }) {
  const may = useMay();
  const decision = useKeyDecision(device.id);
  return (
    <Card title="Keys">
      <ul className={styles.keys}>
        {device.authSets.map((set) => (
          <li key={set.id}>
            <div className={styles.head}>
              <KeyChip status={set.status} />
              <span>
                {set.keyType} · first seen <RelativeTime time={set.createdAt} />
              </span>
            </div>
            <Fingerprint value={set.fingerprint} />
            {may('device.accept') && (
              <div className={styles.actions}>
                {set.status !== 'accepted' && (
                  <Button
                    size="xs"
                    loading={decision.isPending}
                    onClick={() => decision.mutate({ authSetId: set.id, status: 'accepted' })}
                  >
                    Accept
                  </Button>
                )}
                {set.status !== 'rejected' && (
                  <Button
                    size="xs"
                    variant="default"
                    loading={decision.isPending}
                    onClick={() => decision.mutate({ authSetId: set.id, status: 'rejected' })}
                  >
                    {set.status === 'accepted' ? 'Revoke' : 'Reject'}
                  </Button>
                )}
              </div>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function KeyChip({ status }: { status: AuthSet['status'] }) {
  switch (status) {
    case 'accepted':
      return (
        <Chip tone="ok" icon={CircleCheck}>
          Accepted
        </Chip>
      );
    case 'rejected':
      return (
        <Chip tone="offline" icon={CircleSlash}>
          Rejected
        </Chip>
      );
    case 'pending':
      return (
        <Chip tone="pending" icon={Clock}>
          Pending
        </Chip>
      );
    case 'preauthorized':
      return (
        <Chip tone="pending" icon={Clock}>
          Pre-authorised
        </Chip>
      );
  }
}
